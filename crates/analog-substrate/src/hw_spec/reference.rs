//! The reference of all keys, as a page of documentation.

use super::{DERIVED, KEYS, Key, Kind, Off};
use std::fmt::Write as _;
use units::Quantity;

/// What stands above the list of keys.
const HEAD: &str = "\
# Hardware specs: every key

Generated from the registry of keys (`analog-substrate/src/hw_spec/keys`); a test keeps it up to date. To write it
anew: `GRADEP_BLESS=1 cargo test -p analog-substrate the_reference`.

A value is a bare quantity, or a table with any of `value`, `spread`, `law` (`normal`, `log-normal`, `uniform`), `range`,
`source` and `evidence` (`measured`, `fitted`, `derived`, `assumed`). `spread` is one standard deviation, as a share of the
value (`\"1 %\"`) or in its unit, and goes with the quantities marked *spread*. A value outside its `range`, which is inherited
like every field, is an error; the exact zero of an imperfection never is.

`device` names the device of the arrays (`hw-specs/devices`, or a file). `wires.node = \"14 nm\"` sets `wires.segment` and
`wires.column_segment` from a table of technology nodes: for 1T1R cells and the table `neurosim-1.4`, or with a cell and a table
after it, `\"14 nm, cross-point, neurosim-2.1\"` (`hw-specs/wires`, or a file). `chip.only = a, b` switches all other
imperfections off; overheads, conversions and bias power stay, since time and energy are no imperfections.
`gradep chip explain SPEC` prints this list with the values of one chip.
";

/// Markdown on every key and every derived quantity.
pub fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut section = None;
    for key in KEYS {
        let own = key.name.split_once('.').map(|(section, _)| section);
        if own != section {
            section = own;
            let _ = write!(page, "\n## [{}]\n", own.unwrap_or_default());
        }
        write_key(&mut page, key);
    }
    page.push_str(
        "\n## [golden]: derived quantities\n\n| name | unit | formula |\n|---|---|---|\n",
    );
    for derived in DERIVED {
        let (name, unit, formula) = (derived.name, derived.unit.symbol(), derived.formula);
        let _ = writeln!(page, "| `{name}` | {unit} | {formula} |");
    }
    page
}

fn write_key(page: &mut String, key: &Key) {
    let expected = key.kind.expected();
    let spread = if key.kind.is_distributed() {
        "; *spread*"
    } else {
        ""
    };
    let Key {
        name,
        meaning,
        formula,
        acts,
        source,
        ..
    } = key;
    let _ = write!(
        page,
        "\n### `{name}`\n\n{meaning}.\n\n- value: {expected}{spread}\n- formula: {formula}\n\
         - acts: {acts}\n- source: {source}\n"
    );
    if let Some(zero) = key.zero() {
        let _ = writeln!(page, "- exact zero: {zero}");
    }
    if !key.with.is_empty() {
        let others = key.with.join("` or `");
        let _ = writeln!(page, "- idle without: `{others}`");
    }
}

impl Key {
    /// Its exact zero, as a spec writes it; none for a scale or a choice.
    pub fn zero(&self) -> Option<String> {
        match self.off {
            Off::Never => None,
            Off::Spread => Some("spread = \"0 %\"".to_owned()),
            Off::Value(value) => {
                let unit = self.kind.unit();
                let value = Quantity { value, unit };
                let is_distributed = matches!(
                    self.kind,
                    Kind::Quantity {
                        distributed: true,
                        ..
                    }
                );
                let spread = if is_distributed {
                    " without spread"
                } else {
                    ""
                };
                Some(format!("{value}{spread}"))
            }
            Off::None => self.kind.none().map(|word| format!("\"{word}\"")),
            Off::False => Some("false".to_owned()),
        }
    }
}
