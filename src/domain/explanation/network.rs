//! Pages of the class `outage`, up to a TCP connection that stands.

use super::Explanation;

pub(super) static DNS_FAILURE: Explanation = Explanation {
    code: "dns_failure",
    title: "The name did not resolve",
    meaning: "The host name of the URL gave no usable address in time, so no packet was sent to \
              the server. Nothing is known about the lock.",
    causes: &[
        "The resolver that this machine asks is down or out of reach; then many endpoints fail \
         together.",
        "The record is gone: a zone deployed with an omission, a service removed from discovery, a \
         domain not renewed.",
        "The name exists only in another view: it is internal and the monitor asks a public \
         resolver, or the reverse, often after a VPN or DHCP change rewrote `/etc/resolv.conf`.",
        "The zone fails validation or its name servers do not answer; resolvers then say \
         `SERVFAIL`.",
        "Only one address family exists, and `ip_protocol` asks for the other.",
        "The URL holds a short name that needs a search domain which the service does not have.",
    ],
    first_steps: &[
        "Ask in the same way as the probe, on this machine: `getent ahosts HOST`.",
        "Tell the cases apart with `dig HOST`: `NXDOMAIN` is a missing name, `SERVFAIL` a broken \
         zone or resolver, a timeout an unreachable resolver; `dig +trace HOST` shows at which \
         delegation it breaks.",
        "Compare resolvers with `dig @RESOLVER HOST`, and read `resolvectl status` for those in \
         use.",
        "To keep watching the server meanwhile, pin the address with `resolve:` on the endpoint.",
    ],
    rule: "RFC 1035 §4.1.1: an answer carries a response code, of which 3 means that the name does \
           not exist and 2 that the server could not process the query. Both leave the client \
           without an address.",
    related: &["connect_timeout", "unreachable", "proxy_failure"],
};

pub(super) static CONNECT_REFUSED: Explanation = Explanation {
    code: "connect_refused",
    title: "The port is closed",
    meaning: "The machine answered at once that nothing listens on this address and port. It is up \
              and the network works; the service, or its listener, is not there.",
    causes: &[
        "The process is down, restarting, or failed to start after a deployment.",
        "It listens elsewhere: on loopback only, on another port, or on IPv4 while the name also \
         has an IPv6 address.",
        "A load balancer has no healthy member and refuses in their stead.",
        "A firewall rejects instead of dropping; fail2ban does so by default with the addresses \
         that it bans.",
        "The address belongs to another machine since a failover or a stale record.",
    ],
    first_steps: &[
        "See which address refused in `remote_addr`, and try each address of the name: `nc -vz \
         ADDRESS PORT`.",
        "On the server, `ss -ltnp 'sport = :PORT'` shows whether and on which address something \
         listens.",
        "`systemctl status UNIT` and `journalctl -u UNIT -n 50` say why it is not running; a port \
         taken by another process shows there as well.",
        "On a load balancer or in Kubernetes look for members first: `kubectl get endpointslices`, \
         the pool's health view.",
    ],
    rule: "RFC 9293 §3.5.2: a connection request to a port without a listener is answered with a \
           reset.",
    related: &["connect_timeout", "connection_reset", "server_error"],
};

pub(super) static CONNECT_TIMEOUT: Explanation = Explanation {
    code: "connect_timeout",
    title: "No TCP connection in time",
    meaning: "The connection request was sent and nothing came back, neither an acceptance nor a \
              refusal. Silence of this kind is nearly always a filter or a dead path, seldom the \
              application.",
    causes: &[
        "A firewall, security group or network policy drops the packets, often since a rule change \
         or because the monitor's outgoing address is new.",
        "The monitor was banned: fail2ban, an intrusion prevention system or a scrubbing service \
         counted its refused probes as an attack.",
        "The host is down, or its address moved in a failover that the record does not know of \
         yet.",
        "The listener's queue is full, and the kernel drops new connections under load.",
        "The answer takes another way back (two interfaces, asymmetric routing) and a stateful \
         filter discards it.",
    ],
    first_steps: &[
        "Try from a second machine with `nc -vz -w 5 HOST PORT`: reachable there points at a ban \
         or a rule against this monitor's address.",
        "Look for the ban: `fail2ban-client banned`, `nft list ruleset | grep ADDRESS`, the log of \
         the cloud firewall.",
        "Follow the path with the same protocol: `mtr -T -P PORT HOST` shows the last hop that \
         answers.",
        "On the server, `ss -ltn` shows a full queue (`Recv-Q` near `Send-Q`), and `nstat -az \
         TcpExtListenOverflows` counts what was dropped.",
        "Confirm arrival with `tcpdump -ni any host MONITOR and port PORT`: requests without \
         answers are dropped on the machine, no requests are dropped before it.",
    ],
    rule: "RFC 9293 §3.8.3: a connection attempt is repeated for a time and then given up; here it \
           is given up at the endpoint's `timeout`.",
    related: &["connect_refused", "unreachable", "timeout"],
};

pub(super) static UNREACHABLE: Explanation = Explanation {
    code: "unreachable",
    title: "No route to the host",
    meaning: "This machine, or a router on the way, said that packets cannot get to the address. \
              In most cases the fault is near one end of the path.",
    causes: &[
        "The monitor's own network lost a route: an interface, VPN or tunnel is down; other \
         endpoints on the same network fail as well.",
        "The name has an IPv6 address and this machine has no IPv6 route, or the other way round.",
        "A filter rejects with \"prohibited\" rather than dropping.",
        "The server is gone from its local segment, so that the last router finds nobody with that \
         address.",
        "This machine may not or cannot open the connection: a local firewall or `IPAddressDeny=` \
         forbids it, or no local port is free.",
        "The address is wrong: an old entry under `resolve:`, a private address that is meant for \
         another site.",
    ],
    first_steps: &[
        "Ask the kernel what it would do: `ip route get ADDRESS`, then `ip -br link` and `ip neigh \
         show ADDRESS`.",
        "Try both families, `curl -4 -si URL` and `curl -6 -si URL`; if one works, set \
         `ip_protocol` while the other is mended.",
        "See which router objects: `traceroute -n ADDRESS` marks it with `!H`, `!N` or `!X`.",
        "Look at `authvigil_monitor_isolated`: at 1, most hosts fail at once and the fault is \
         likely on this side.",
    ],
    rule: "RFC 1122 §3.2.2.1: a router or host that cannot deliver says so with an ICMP \
           \"destination unreachable\", which the connection attempt reports.",
    related: &["dns_failure", "connect_timeout", "connect_refused"],
};

pub(super) static CONNECTION_RESET: Explanation = Explanation {
    code: "connection_reset",
    title: "The connection broke before an answer",
    meaning: "TCP was established, then torn down before the head of an answer was complete. \
              Somebody decided to hang up: the process, the machine, or a device in between.",
    causes: &[
        "The process died on the request or was killed for memory, or it was restarted with \
         connections open.",
        "A load balancer passed the connection to a member that had already gone, or cut it at its \
         own idle limit.",
        "A firewall or intrusion prevention system resets what it dislikes: the server name, the \
         `User-Agent`, an `Authorization` value that looks like an attack.",
        "The two sides speak different protocols: TLS to a plain port, plain HTTP to a TLS port, \
         or a listener that waits for a PROXY protocol line.",
        "The server refuses work under load, with its workers or descriptors used up.",
    ],
    first_steps: &[
        "Read the phases: a reset after `connect` and before `tls` points at the listener, one \
         after `tls` at the application or at a filter that reads requests.",
        "Look on the server at that second: `dmesg -T | grep -i -e oom -e segfault`, `journalctl \
         -u UNIT --since -10min`.",
        "Compare the checks: `anonymous` answered and the holder cut off means that the credential \
         or the code behind the lock triggers it.",
        "Change one thing at a time by hand: `curl -v URL`, then `curl -v -A test URL`, then from \
         another address.",
        "Capture it: `tcpdump -nvi any 'tcp[tcpflags] & tcp-rst != 0 and port PORT'`; a \
         time-to-live that differs from the server's other packets betrays a device in between.",
    ],
    rule: "RFC 9293 §3.5.2: a reset ends a connection at once and discards what was under way. \
           Without a complete header section there is no answer to judge.",
    related: &["connect_refused", "tls_failure", "protocol_error"],
};

pub(super) static PROXY_FAILURE: Explanation = Explanation {
    code: "proxy_failure",
    title: "The proxy did not pass the request on",
    meaning: "The configured `proxy_url` could not be reached, or it refused or failed to open the \
              way to the server. The server itself was not asked.",
    causes: &[
        "The proxy is down, its name no longer resolves, or its port changed.",
        "It demands a login of its own and answered 407.",
        "Its rules forbid the destination: many allow `CONNECT` to port 443 only, or keep a list \
         of permitted hosts.",
        "It cannot reach or resolve the server from where it stands, and answers 502, 503 or 504 \
         in its own name.",
        "The endpoint is internal and should not go through a proxy at all.",
    ],
    first_steps: &[
        "Read the status that came back for `CONNECT` in the evidence: 407 is a login, 403 a rule, \
         502 to 504 the way beyond.",
        "Reproduce it with `curl -v -x PROXY_URL URL`; the lines up to `CONNECT tunnel \
         established` belong to the proxy alone.",
        "Look in the proxy's access log for the monitor's address; no entry means that the request \
         went elsewhere.",
        "Try the endpoint without `proxy_url` where the network allows it; the environment's proxy \
         variables are never used, so the key alone decides.",
    ],
    rule: "RFC 9110 §9.3.6: any 2xx to `CONNECT` opens the tunnel, and any other status says that \
           it was not formed.",
    related: &[
        "connect_refused",
        "connect_timeout",
        "proxy-challenge-on-401",
    ],
};
