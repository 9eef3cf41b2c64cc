//! `authvigil explain`: the page for a reason or a lint.

use std::io::{self, BufWriter, Write};

use super::arguments::Explain;
use super::exit::Failure;
use super::terminal::{HEADING, QUIET, paragraph, stdout};
use crate::domain::advice::AdviceCode;
use crate::domain::explanation::{self, Explanation};
use crate::domain::finding::{Class, Reason};

/// Prints one page, or the list of all.
pub(super) fn run(explain: &Explain) -> Result<u8, Failure> {
    let mut out = BufWriter::new(stdout());
    match &explain.code {
        None => list(&mut out)?,
        Some(code) => match explanation::find(code) {
            Some(found) => page(&mut out, found)?,
            None => return Err(Failure::Usage(unknown(code))),
        },
    }
    out.flush()?;
    Ok(0)
}

fn unknown(code: &str) -> String {
    let nearest = explanation::all()
        .map(|page| (strsim::jaro_winkler(page.code, code), page.code))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    let hint = match nearest {
        Some((_, nearest)) => format!("did you mean `{nearest}`?"),
        None => "`authvigil explain` lists all of them".to_owned(),
    };
    format!("no reason and no lint is named `{code}`; {hint}")
}

fn list(out: &mut impl Write) -> io::Result<()> {
    for class in Class::ALL {
        writeln!(out, "{HEADING}{}{HEADING:#}", class.as_str())?;
        for reason in Reason::ALL.iter().filter(|reason| reason.class() == class) {
            entry(out, reason.as_str(), explanation::of_reason(*reason).title)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "{HEADING}advice{HEADING:#}")?;
    for page in AdviceCode::ALL
        .iter()
        .filter_map(|code| explanation::find(code.as_str()))
    {
        entry(out, page.code, page.title)?;
    }
    Ok(())
}

fn entry(out: &mut impl Write, code: &str, title: &str) -> io::Result<()> {
    writeln!(out, "  {code:<33} {QUIET}{title}{QUIET:#}")
}

fn page(out: &mut impl Write, page: &Explanation) -> io::Result<()> {
    writeln!(out, "{HEADING}{}{HEADING:#}  {}", page.code, page.title)?;
    if let Some(reason) = Reason::from_name(page.code) {
        let (class, severity) = (reason.class().as_str(), reason.severity().as_str());
        writeln!(out, "{QUIET}class {class}, severity {severity}{QUIET:#}")?;
    }
    writeln!(out)?;
    paragraph(out, "", "", page.meaning)?;
    section(out, "Likely causes, the likeliest first", page.causes)?;
    section(out, "What to look at first", page.first_steps)?;
    writeln!(out, "\n{HEADING}The rule{HEADING:#}")?;
    paragraph(out, "  ", "  ", page.rule)?;
    if !page.related.is_empty() {
        writeln!(
            out,
            "\n{QUIET}See also: {}{QUIET:#}",
            page.related.join(", ")
        )?;
    }
    Ok(())
}

fn section(out: &mut impl Write, title: &str, items: &[&str]) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{HEADING}{title}{HEADING:#}")?;
    for (number, item) in items.iter().enumerate() {
        paragraph(out, &format!("  {}. ", number + 1), "     ", item)?;
    }
    Ok(())
}
