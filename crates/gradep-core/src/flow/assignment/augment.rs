//! From candidates to the optimal pairing: augmenting row reduction and shortest augmenting paths.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::candidates::Candidates;
use super::{Points, Work};

/// Not matched yet.
const FREE: u32 = u32::MAX;

/// Steps of augmenting row reduction, per row of the problem, before path searches take over.
/// A step costs far less than a search; on the digits about 9 per row are taken before none is left
/// to take. The limit cuts price wars between near-ties short.
const BIDS_PER_ROW: usize = 16;

/// Dual variables, the partial matching and the state of a path search.
#[derive(Debug, Default)]
pub(super) struct Search {
    profit: Vec<f64>,
    price: Vec<f64>,
    data_of: Vec<u32>,
    noise_of: Vec<u32>,
    /// Length of the shortest alternating path found to each column.
    distance: Vec<f64>,
    /// The row before each column on that path.
    previous: Vec<u32>,
    reached: Vec<u32>,
    settled: Vec<u32>,
    queue: BinaryHeap<Event>,
}

/// What a path search does next, nearest first.
#[derive(Clone, Copy, Debug)]
struct Event {
    distance: f64,
    action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    /// Go on from this column to the row that holds it.
    Enter(u32),
    /// The unlisted pairs of this row may be this near: list more of them.
    Widen(u32),
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .distance
            .total_cmp(&self.distance)
            .then_with(|| other.action.cmp(&self.action))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Event {}

impl Search {
    /// Match every row.
    pub(super) fn run(
        &mut self,
        points: Points<'_>,
        similarity: &[f32],
        candidates: &mut Candidates,
        work: &mut Work,
    ) {
        let free = self.match_first_choices(candidates);
        let free = self.reduce_rows(candidates, free, work);
        for row in free {
            work.augmentations += 1;
            self.augment(points, similarity, candidates, row, work);
        }
    }

    pub(super) fn data_of(&self) -> &[u32] {
        &self.data_of
    }

    pub(super) fn profit(&self) -> &[f64] {
        &self.profit
    }

    pub(super) fn price(&self) -> &[f64] {
        &self.price
    }

    /// Give each row its most profitable column where nobody before it took it; the others are left.
    fn match_first_choices(&mut self, candidates: &Candidates) -> Vec<u32> {
        let n = candidates.start().len();
        self.price.clear();
        self.price
            .extend(candidates.start().iter().map(|&p| f64::from(p)));
        self.profit.clear();
        for (list, value) in [
            (&mut self.data_of, FREE),
            (&mut self.noise_of, FREE),
            (&mut self.previous, FREE),
        ] {
            list.clear();
            list.resize(n, value);
        }
        self.distance.clear();
        self.distance.resize(n, f64::INFINITY);
        let mut free = Vec::new();
        for i in 0..n {
            let best = candidates.row(i)[0];
            // The bound is the larger of the two only by rounding; profits must never be too small.
            self.profit
                .push(best.profit_bound.max(candidates.unlisted_bound(i)));
            if self.noise_of[best.column as usize] == FREE
                && best.profit_bound >= candidates.unlisted_bound(i)
            {
                self.pair(i, best.column);
            } else {
                free.push(i as u32);
            }
        }
        free
    }

    /// Each free row takes its best column at a price that makes its second best as good, and
    /// whoever held that column is free again. Returns the rows that are still free at the end.
    fn reduce_rows(
        &mut self,
        candidates: &Candidates,
        mut free: Vec<u32>,
        work: &mut Work,
    ) -> Vec<u32> {
        let limit = BIDS_PER_ROW * self.price.len();
        let mut left = Vec::new();
        free.reverse(); // a stack, lowest row first
        while let Some(row) = free.pop() {
            let i = row as usize;
            let mut best = f64::NEG_INFINITY;
            let mut second = candidates.unlisted_bound(i);
            let mut column = FREE;
            for candidate in candidates.row(i) {
                if candidate.profit_bound <= second {
                    break;
                }
                let profit = candidate.similarity - self.price[candidate.column as usize];
                if profit > best {
                    second = second.max(best);
                    (best, column) = (profit, candidate.column);
                } else {
                    second = second.max(profit);
                }
            }
            // With a tie the price would not move and two rows could evict each other for ever.
            if best <= second || work.bids == limit {
                left.push(row);
                continue;
            }
            work.bids += 1;
            self.price[column as usize] += best - second;
            self.profit[i] = second;
            let holder = self.noise_of[column as usize];
            self.pair(i, column);
            if holder != FREE {
                self.data_of[holder as usize] = FREE;
                free.push(holder);
            }
        }
        left
    }

    /// Match the free row `root` by the shortest alternating path to a free column (Dijkstra), then
    /// move the duals so that the path costs nothing.
    fn augment(
        &mut self,
        points: Points<'_>,
        similarity: &[f32],
        candidates: &mut Candidates,
        root: u32,
        work: &mut Work,
    ) {
        self.queue.clear();
        let mut goal = Goal {
            distance: f64::INFINITY,
            column: FREE,
        };
        self.scan(
            candidates,
            root,
            self.profit[root as usize],
            0.0,
            &mut goal,
            work,
        );
        while let Some(Event { distance, action }) = self.queue.pop() {
            if distance >= goal.distance {
                break;
            }
            match action {
                // A shorter way to this column was found and used since.
                Action::Enter(column) if distance > self.distance[column as usize] => {}
                Action::Enter(column) => {
                    self.settled.push(column);
                    let row = self.noise_of[column as usize];
                    self.scan(
                        candidates,
                        row,
                        distance + self.profit[row as usize],
                        distance,
                        &mut goal,
                        work,
                    );
                }
                Action::Widen(row) => {
                    let reach = distance + candidates.unlisted_bound(row as usize);
                    candidates.widen(points, similarity, row as usize);
                    work.widened_rows += 1;
                    self.scan(candidates, row, reach, distance, &mut goal, work);
                }
            }
        }
        self.profit[root as usize] -= goal.distance;
        for column in self.settled.drain(..) {
            let gain = goal.distance - self.distance[column as usize];
            self.price[column as usize] += gain;
            self.profit[self.noise_of[column as usize] as usize] -= gain;
        }
        for column in self.reached.drain(..) {
            self.distance[column as usize] = f64::INFINITY;
        }
        let mut column = goal.column;
        loop {
            let row = self.previous[column as usize];
            let next = self.data_of[row as usize];
            self.pair(row as usize, column);
            if row == root {
                break;
            }
            column = next;
        }
    }

    /// Look at the candidates of `row`: a column of profit r is at distance `reach` − r. Distances
    /// below `floor`, where the search already is, can only be rounding and are lifted to it: a settled
    /// column is then never reached again.
    fn scan(
        &mut self,
        candidates: &Candidates,
        row: u32,
        reach: f64,
        floor: f64,
        goal: &mut Goal,
        work: &mut Work,
    ) {
        work.scanned_rows += 1;
        for candidate in candidates.row(row as usize) {
            if reach - candidate.profit_bound >= goal.distance {
                break;
            }
            work.scanned_pairs += 1;
            let column = candidate.column as usize;
            let distance = (reach - (candidate.similarity - self.price[column])).max(floor);
            if distance >= self.distance[column] || distance >= goal.distance {
                continue;
            }
            if self.distance[column] == f64::INFINITY {
                self.reached.push(candidate.column);
            }
            self.distance[column] = distance;
            self.previous[column] = row;
            if self.noise_of[column] == FREE {
                *goal = Goal {
                    distance,
                    column: candidate.column,
                };
            } else {
                self.queue.push(Event {
                    distance,
                    action: Action::Enter(candidate.column),
                });
            }
        }
        let distance = (reach - candidates.unlisted_bound(row as usize)).max(floor);
        if distance < goal.distance {
            self.queue.push(Event {
                distance,
                action: Action::Widen(row),
            });
        }
    }

    fn pair(&mut self, row: usize, column: u32) {
        self.data_of[row] = column;
        self.noise_of[column as usize] = row as u32;
    }
}

/// The nearest free column so far.
struct Goal {
    distance: f64,
    column: u32,
}
