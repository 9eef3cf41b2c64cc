# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_authvigil_global_optspecs
    string join \n config= log-format= log-level= h/help V/version
end

function __fish_authvigil_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_authvigil_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_authvigil_using_subcommand
    set -l cmd (__fish_authvigil_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c authvigil -n "__fish_authvigil_needs_command" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_needs_command" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_needs_command" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_needs_command" -s V -l version -d 'Print version'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "accept" -d 'Accept the challenge that an endpoint offers by now as the right one'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "check" -d 'Make every check once, now'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "demo" -d 'Show how it works: a protected site, the daemon and a mailbox, and a lock that breaks'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "explain" -d 'Print the page for a reason or a lint'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "notify-test" -d 'Send a test notice through each receiver and say what happened'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "probe" -d 'Knock once, without a configuration, and show everything'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "reload" -d 'Have the running daemon read its configuration again'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "routes" -d 'Say who would be told of an incident with these labels, and why'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "run" -d 'Run the daemon: every check again and again, metrics, status page and log'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "silence" -d 'Keep what is known from being told for a while'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "validate" -d 'Read the configuration and print every fault; nothing is sent'
complete -c authvigil -n "__fish_authvigil_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c authvigil -n "__fish_authvigil_using_subcommand accept" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand accept" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand accept" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand accept" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand check" -l format -d 'The form of the report' -r -f -a "json\t'One JSON object'
junit\t'JUnit XML, for CI'
text\t'A table for a person'"
complete -c authvigil -n "__fish_authvigil_using_subcommand check" -l include -d 'Make checks that are skipped because they can lock an account' -r -f -a "wrong_password\t'Show a wrong password to real accounts'"
complete -c authvigil -n "__fish_authvigil_using_subcommand check" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand check" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand check" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand demo" -l for -d 'End after this time by itself: `500ms`, `30s`, `5m`' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand demo" -l mail -d 'Write the mails into this directory and leave them there, rather than to remove them' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand demo" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand demo" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand demo" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand explain" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand explain" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand explain" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand notify-test" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand notify-test" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand notify-test" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand notify-test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l bearer-file -d 'Show the token in this file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l ca-file -d 'Trust the authorities in this PEM file in place of the system\'s' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l expect-challenge -d 'Expect this challenge on offer, such as \'Basic realm="orders"\'; may be repeated' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l expect-status -d 'Expect one of these statuses, such as 401 or 2xx; may be repeated' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -s H -l header -d 'Add a header, such as \'Accept: application/json\'; may be repeated' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -s X -l method -d 'The request\'s method' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l password-file -d 'Read the password of --user from this file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l resolve -d 'Dial this address in place of resolving HOST; written HOST=ADDRESS, may be repeated' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l timeout -d 'How long the probe may take, such as 10s' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l user -d 'Show this user\'s password by Basic; it is read from --password-file, the environment variable `AUTHVIGIL_PASSWORD`, or after a colon' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l allow-cleartext -d 'Send credentials over http:// to an address that is not loopback'
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l insecure -d 'Accept any certificate'
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -l json -d 'Print one JSON object, as `check --format json` does'
complete -c authvigil -n "__fish_authvigil_using_subcommand probe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand reload" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand reload" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand reload" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand reload" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand routes" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand routes" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand routes" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand routes" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand run" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand run" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand run" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -f -a "add" -d 'Silence incidents whose labels meet every MATCHER'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -f -a "expire" -d 'End silences before their time'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -f -a "list" -d 'Show the silences that have not ended'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and not __fish_seen_subcommand_from add expire list help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from add" -l author -d 'Who wants it' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from add" -l comment -d 'Why, for whoever finds it' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from add" -l for -d 'For how long: `30m`, `2h`, `1d`' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from add" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from add" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from add" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from expire" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from expire" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from expire" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from expire" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from list" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from list" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from list" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from help" -f -a "add" -d 'Silence incidents whose labels meet every MATCHER'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from help" -f -a "expire" -d 'End silences before their time'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show the silences that have not ended'
complete -c authvigil -n "__fish_authvigil_using_subcommand silence; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c authvigil -n "__fish_authvigil_using_subcommand validate" -l config -d 'The configuration file' -r -F
complete -c authvigil -n "__fish_authvigil_using_subcommand validate" -l log-format -d 'The form of the log' -r -f -a "auto\t'Text on a terminal, to the journal where systemd collects it, else JSON for the daemon and text for the other commands'
journald\t'The journal, with a field for each key'
json\t'One JSON object a line'
text\t'Text'"
complete -c authvigil -n "__fish_authvigil_using_subcommand validate" -l log-level -d 'What is logged: off, error, warn, info, debug or trace; `info` for `run` and `warn` for the other commands unless given' -r
complete -c authvigil -n "__fish_authvigil_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "accept" -d 'Accept the challenge that an endpoint offers by now as the right one'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "check" -d 'Make every check once, now'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "demo" -d 'Show how it works: a protected site, the daemon and a mailbox, and a lock that breaks'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "explain" -d 'Print the page for a reason or a lint'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "notify-test" -d 'Send a test notice through each receiver and say what happened'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "probe" -d 'Knock once, without a configuration, and show everything'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "reload" -d 'Have the running daemon read its configuration again'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "routes" -d 'Say who would be told of an incident with these labels, and why'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "run" -d 'Run the daemon: every check again and again, metrics, status page and log'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "silence" -d 'Keep what is known from being told for a while'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "validate" -d 'Read the configuration and print every fault; nothing is sent'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and not __fish_seen_subcommand_from accept check demo explain notify-test probe reload routes run silence validate help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and __fish_seen_subcommand_from silence" -f -a "add" -d 'Silence incidents whose labels meet every MATCHER'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and __fish_seen_subcommand_from silence" -f -a "expire" -d 'End silences before their time'
complete -c authvigil -n "__fish_authvigil_using_subcommand help; and __fish_seen_subcommand_from silence" -f -a "list" -d 'Show the silences that have not ended'
