//! An independent solution: all nodes of the crossbar, Kirchhoff's current law at each, one direct
//! factorisation. Nodes without a resistor between them are one node.

use crate::wires::{End, Read, Sense, Wires};
use ndarray::{Array1, Array2, ArrayView1};

/// A network of resistors between nodes, some of which have given voltages.
pub(crate) struct Nodal {
    /// Ends and siemens.
    resistors: Vec<(usize, usize, f64)>,
    /// The node that each node has been joined to.
    joined: Vec<usize>,
    /// Nodes of given voltage: the driven lines' sources, in order.
    sources: Vec<usize>,
    /// What each sensed line's current is measured through, per line: all resistors into this node.
    sinks: Vec<usize>,
    ground: usize,
    /// Siemens between a sense node and ground; none for a virtual ground.
    load: Option<f64>,
}

impl Nodal {
    pub(crate) fn new(g: &Array2<f64>, wires: &Wires, read: Read, sense: Sense) -> Self {
        let (rows, columns) = g.dim();
        let devices = rows * columns;
        let (driven, sensed) = match read {
            Read::Forward => (rows, columns),
            Read::Backward => (columns, rows),
        };
        // Crosspoints on rows and columns side by side, for a narrow band; then the terminals.
        let along_rows = |i: usize, j: usize| 2 * (j * rows + i);
        let along_columns = |i: usize, j: usize| along_rows(i, j) + 1;
        let (sources, sinks): (Vec<usize>, Vec<usize>) = (
            (0..driven).map(|k| 2 * devices + k).collect(),
            (0..sensed).map(|k| 2 * devices + driven + k).collect(),
        );
        let ground = 2 * devices + driven + sensed;
        let mut nodal = Self {
            resistors: Vec::new(),
            joined: (0..=ground).collect(),
            sources,
            sinks,
            ground,
            load: match sense {
                Sense::VirtualGround => None,
                Sense::Loaded { siemens } => Some(siemens),
            },
        };
        for i in 0..rows {
            for j in 0..columns {
                nodal.conductor(along_rows(i, j), along_columns(i, j), g[[i, j]]);
                if j > 0 {
                    nodal.wire(along_rows(i, j - 1), along_rows(i, j), wires.row_segment);
                }
                if i > 0 {
                    nodal.wire(
                        along_columns(i - 1, j),
                        along_columns(i, j),
                        wires.column_segment,
                    );
                }
            }
        }
        let at = |end: End, count: usize| if end == End::First { 0 } else { count - 1 };
        for i in 0..rows {
            let (end, port) = match read {
                Read::Forward => (wires.ends.row_drive, nodal.sources[i]),
                Read::Backward => (wires.ends.row_sense, nodal.sinks[i]),
            };
            nodal.wire(along_rows(i, at(end, columns)), port, wires.row_terminal);
        }
        for j in 0..columns {
            let (end, port) = match read {
                Read::Forward => (wires.ends.column_sense, nodal.sinks[j]),
                Read::Backward => (wires.ends.column_drive, nodal.sources[j]),
            };
            nodal.wire(along_columns(at(end, rows), j), port, wires.column_terminal);
        }
        if let Some(siemens) = nodal.load {
            for sink in nodal.sinks.clone() {
                nodal.conductor(sink, ground, siemens);
            }
        }
        nodal
    }

    fn wire(&mut self, a: usize, b: usize, ohms: f64) {
        if ohms == 0.0 {
            let (a, b) = (self.root(a), self.root(b));
            self.joined[a.max(b)] = a.min(b);
        } else {
            self.resistors.push((a, b, 1.0 / ohms));
        }
    }

    fn conductor(&mut self, a: usize, b: usize, siemens: f64) {
        if siemens > 0.0 {
            self.resistors.push((a, b, siemens));
        }
    }

    fn root(&self, mut node: usize) -> usize {
        while self.joined[node] != node {
            node = self.joined[node];
        }
        node
    }

    /// Voltages of all nodes for the given voltages of the sources.
    pub(crate) fn voltages(&self, volts: ArrayView1<'_, f64>) -> Vec<f64> {
        let count = self.joined.len();
        let roots: Vec<usize> = (0..count).map(|node| self.root(node)).collect();
        let mut fixed = vec![None; count];
        fixed[roots[self.ground]] = Some(0.0);
        if self.load.is_none() {
            for &sink in &self.sinks {
                fixed[roots[sink]] = Some(0.0);
            }
        }
        for (&source, &volt) in self.sources.iter().zip(volts) {
            fixed[roots[source]] = Some(volt);
        }
        let mut unknown = vec![None; count];
        let free = (0..count).filter(|&node| roots[node] == node && fixed[node].is_none());
        let free: Vec<usize> = free.collect();
        for (number, &node) in free.iter().enumerate() {
            unknown[node] = Some(number);
        }
        let mut system = Envelope::new(free.len());
        for &(a, b, siemens) in &self.resistors {
            let (a, b) = (roots[a], roots[b]);
            for (here, there) in [(a, b), (b, a)] {
                let Some(row) = unknown[here] else { continue };
                system.add(row, row, siemens);
                match unknown[there] {
                    Some(column) if column < row => system.add(row, column, -siemens),
                    Some(_) => {}
                    None => system.right[row] += siemens * fixed[there].expect("a terminal"),
                }
            }
        }
        let solved = system.solve();
        let at = |node: usize| unknown[node].map_or_else(|| fixed[node].unwrap(), |k| solved[k]);
        roots.iter().map(|&root| at(root)).collect()
    }

    /// Current out of every sensed line.
    pub(crate) fn currents(&self, volts: ArrayView1<'_, f64>) -> Array1<f64> {
        let node = self.voltages(volts);
        let into = |sink: usize| {
            let sink = self.root(sink);
            let resistors = self.resistors.iter().filter(|r| r.1 != self.ground);
            resistors
                .map(|&(a, b, siemens)| {
                    let (from, to) = (self.root(a), self.root(b));
                    let current = siemens * (node[from] - node[to]);
                    match (from == sink, to == sink) {
                        (false, true) => current,
                        (true, false) => -current,
                        _ => 0.0,
                    }
                })
                .sum()
        };
        self.sinks.iter().map(|&sink| into(sink)).collect()
    }

    /// Heat in all resistors, in watts.
    pub(crate) fn heat(&self, volts: ArrayView1<'_, f64>) -> f64 {
        let node = self.voltages(volts);
        let heat = |&(a, b, siemens): &(usize, usize, f64)| siemens * (node[a] - node[b]).powi(2);
        self.resistors.iter().map(heat).sum()
    }

    /// All effective conductances, one solution per driven line.
    pub(crate) fn conductances(&self) -> Array2<f64> {
        let driven = self.sources.len();
        let mut all = Array2::zeros((self.sinks.len(), driven));
        for line in 0..driven {
            let mut volts = Array1::zeros(driven);
            volts[line] = 1.0;
            all.column_mut(line).assign(&self.currents(volts.view()));
        }
        all
    }
}

/// A symmetric positive definite system whose rows are kept from their first nonzero on (Jennings
/// 1966): the factor has no others.
struct Envelope {
    /// Lower triangle: per row its last elements, the diagonal last of all.
    rows: Vec<Vec<f64>>,
    right: Vec<f64>,
}

impl Envelope {
    fn new(count: usize) -> Self {
        Self {
            rows: vec![vec![0.0]; count],
            right: vec![0.0; count],
        }
    }

    fn add(&mut self, row: usize, column: usize, value: f64) {
        let kept = &mut self.rows[row];
        let reach = row - column + 1;
        if kept.len() < reach {
            kept.splice(0..0, vec![0.0; reach - kept.len()]);
        }
        let at = kept.len() - reach;
        kept[at] += value;
    }

    fn solve(mut self) -> Vec<f64> {
        let count = self.rows.len();
        for i in 0..count {
            let (above, rest) = self.rows.split_at_mut(i);
            let row = &mut rest[0];
            let first = i + 1 - row.len();
            for k in first..i {
                let other = &above[k];
                let start = first.max(k + 1 - other.len());
                let known: f64 = (start..k)
                    .map(|c| row[c - first] * other[c + other.len() - k - 1])
                    .sum();
                row[k - first] = (row[k - first] - known) / other[other.len() - 1];
            }
            let length = row.len() - 1;
            let known: f64 = row[..length].iter().map(|x| x * x).sum();
            row[length] = (row[length] - known).sqrt();
            let forward: f64 = (first..i).map(|c| row[c - first] * self.right[c]).sum();
            self.right[i] = (self.right[i] - forward) / row[length];
        }
        for i in (0..count).rev() {
            let row = &self.rows[i];
            let first = i + 1 - row.len();
            self.right[i] /= row[row.len() - 1];
            for c in first..i {
                self.right[c] -= row[c - first] * self.right[i];
            }
        }
        self.right
    }
}
