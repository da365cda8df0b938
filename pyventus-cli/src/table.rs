//! Rows with a head, as wide as the terminal.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table};

/// Prints rows under a head; says that there are none where there are none.
pub(crate) fn print<const N: usize>(
    out: &mut dyn Write,
    head: [&str; N],
    rows: Vec<[String; N]>,
    none: &str,
) -> io::Result<()> {
    print_styled(out, head, rows.into_iter().map(|row| (Style::new(), row)).collect(), none)
}

/// Prints rows, each in a style. Columns of numbers are aligned at their end.
pub(crate) fn print_styled<const N: usize>(
    out: &mut dyn Write,
    head: [&str; N],
    rows: Vec<(Style, [String; N])>,
    none: &str,
) -> io::Result<()> {
    if rows.is_empty() {
        return writeln!(out, "{none}");
    }
    let (styles, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let is_number = |cell: &str| cell.bytes().all(|byte| byte.is_ascii_digit());
    let holds_numbers = |column: &usize| {
        let cells = || rows.iter().map(|row| row[*column].as_str());
        cells().any(is_number) && cells().all(|cell| is_number(cell) || cell == "-")
    };
    let numbers: Vec<_> = (0..N).filter(holds_numbers).collect();
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head).add_rows(rows);
    for column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let styles = [Style::new().bold()].into_iter().chain(styles);
    for (style, line) in styles.zip(table.lines()) {
        writeln!(out, "{style}{}{style:#}", line.trim_end())?;
    }
    Ok(())
}
