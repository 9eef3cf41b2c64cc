//! The reference page of all reasons and lints, in Markdown.

use super::{Explanation, lint, of_reason};
use crate::domain::finding::{Class, Reason};

const HEAD: &str = "# Reasons and lints

This page is generated from the texts that `authvigil explain CODE` prints; a test keeps it true.

A reason says why a verdict is what it is.
Its class decides how the incident is counted and routed.
Its severity is a default, which an endpoint's `severity` may change for every class but `bypass`.
A lint is advice: legal or harmless today, worth mending, and never the cause of a failed check.
Codes are stable: they stand in metrics, JSON, mails and the store.
In the commands, words in capitals are for the reader to fill in.
";

/// The words above the lists of a page: one set for reasons, one for lints.
struct Headings {
    level: &'static str,
    causes: &'static str,
    first_steps: &'static str,
}

const REASON: Headings = Headings {
    level: "###",
    causes: "Likely causes",
    first_steps: "Look at first",
};

const LINT: Headings = Headings {
    level: "####",
    causes: "Why it happens",
    first_steps: "How to mend it",
};

/// The Markdown text of `docs/reference/reasons.md`.
pub fn reference() -> String {
    let classes = Class::ALL.into_iter().map(class_section);
    let subjects = lint::GROUPS.into_iter().map(lint_section);
    let sections = classes.chain(["\n## Lints\n".to_owned()]).chain(subjects);
    HEAD.to_owned() + &sections.collect::<String>()
}

fn class_section(class: Class) -> String {
    let reasons = || {
        let all = Reason::ALL.iter().copied();
        all.filter(move |reason| reason.class() == class)
    };
    let rows: String = reasons().map(reason_row).collect();
    let pages: String = reasons()
        .map(|reason| page(of_reason(reason), &REASON))
        .collect();
    format!(
        "\n## Class `{}`\n\n{}\n\n| reason | severity | meaning |\n| --- | --- | --- |\n{rows}{pages}",
        class.as_str(),
        about(class),
    )
}

fn lint_section((subject, lints): (&str, &[Explanation])) -> String {
    let rows: String = lints.iter().map(lint_row).collect();
    let pages: String = lints.iter().map(|it| page(it, &LINT)).collect();
    format!("\n### {subject}\n\n| lint | meaning |\n| --- | --- |\n{rows}{pages}")
}

fn about(class: Class) -> &'static str {
    match class {
        Class::Bypass => "Somebody got in who must not: told at the first answer.",
        Class::Lockout => "The rightful holder of a credential did not get in.",
        Class::Outage => "No usable answer, so the verdict is `unknown`: nothing was learnt.",
        Class::Denial => "Refused, or lost, but not in the agreed way.",
        Class::Challenge => "The server does not ask for credentials in the agreed way.",
        Class::Response => "Something else about the answer is not as agreed.",
        Class::Internal => "This monitor could not do its work, so the verdict is `unknown`.",
    }
}

fn reason_row(reason: Reason) -> String {
    let link = link(reason.as_str());
    let title = of_reason(reason).title;
    format!("| {link} | {} | {title} |\n", reason.severity().as_str())
}

fn lint_row(lint: &Explanation) -> String {
    format!("| {} | {} |\n", link(lint.code), lint.title)
}

fn page(it: &Explanation, headings: &Headings) -> String {
    let Headings {
        level,
        causes,
        first_steps,
    } = headings;
    let (code, title, meaning, rule) = (it.code, it.title, it.meaning, it.rule);
    let cause_lines: Vec<String> = it
        .causes
        .iter()
        .map(|cause| format!("- {cause}\n"))
        .collect();
    let step_lines: Vec<String> = (1..)
        .zip(it.first_steps)
        .map(|(number, step)| format!("{number}. {step}\n"))
        .collect();
    let related: Vec<String> = it.related.iter().map(|code| link(code)).collect();
    format!(
        "\n{level} {code}\n\n**{title}.**\n{meaning}\n\n\
         {causes}:\n\n{}\n{first_steps}:\n\n{}\n\
         Rule: {rule}\n\nSee also {}.\n",
        cause_lines.concat(),
        step_lines.concat(),
        related.join(", "),
    )
}

fn link(code: &str) -> String {
    format!("[`{code}`](#{code})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::explanation::all;

    #[test]
    fn every_page_has_one_section_and_one_row() {
        let text = reference();
        for it in all() {
            assert_eq!(
                text.matches(&format!("# {}\n", it.code)).count(),
                1,
                "{}",
                it.code
            );
            let row = format!("| [`{}`](#{}) | ", it.code, it.code);
            assert_eq!(text.matches(&row).count(), 1, "{}", it.code);
        }
    }

    #[test]
    fn no_title_breaks_a_table() {
        assert!(all().all(|it| !it.title.contains('|')));
    }
}
