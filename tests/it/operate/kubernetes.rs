//! The manifests: that they fit each other and the program.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use serde_yaml::Value;

use super::{read, shipped, succeeds};
use crate::support::program::Scene;

/// The documents of a stream of YAML.
fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

/// What `kubectl apply -k` applies.
fn applied() -> Vec<Value> {
    let kustomization = documents(&read("deploy/kubernetes/kustomization.yaml")).remove(0);
    let names = kustomization["resources"].as_sequence().unwrap().iter();
    names
        .map(|name| read(&format!("deploy/kubernetes/{}", name.as_str().unwrap())))
        .flat_map(|text| documents(&text))
        .collect()
}

/// The only document of this kind, among what is applied and the example of a Secret.
fn manifest(kind: &str) -> Value {
    let example = documents(&read("deploy/kubernetes/secret.yaml"));
    let mut found = applied()
        .into_iter()
        .chain(example)
        .filter(|document| document["kind"].as_str() == Some(kind));
    let document = found.next().unwrap_or_else(|| panic!("no {kind}"));
    assert_eq!(found.next(), None, "another {kind}");
    document
}

fn pod() -> Value {
    manifest("Deployment")["spec"]["template"]["spec"].clone()
}

#[test]
fn the_configuration_of_the_manifests_has_no_faults() {
    let config = manifest("ConfigMap");
    let scene = Scene::of(config["data"]["authvigil.yaml"].as_str().unwrap());
    let run = scene.run(&["validate"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn every_secret_that_the_configuration_names_is_in_the_secret() {
    let config = manifest("ConfigMap");
    let text = config["data"]["authvigil.yaml"].as_str().unwrap();
    let place = "/run/authvigil/secrets/";
    let named: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.split_once(place))
        .map(|(_, name)| name)
        .collect();
    let secret = manifest("Secret");
    let keys = secret["stringData"].as_mapping().unwrap().keys();
    assert_eq!(named, keys.map(|key| key.as_str().unwrap()).collect());
    let mounts = pod()["containers"][0]["volumeMounts"].clone();
    let mounts = mounts.as_sequence().unwrap();
    let mounted = |path: &str| {
        mounts
            .iter()
            .any(|it| it["mountPath"].as_str() == Some(path))
    };
    assert!(mounted(place.trim_end_matches('/')), "{mounts:?}");
    assert!(mounted("/etc/authvigil") && mounted("/var/lib/authvigil"));
}

#[test]
fn the_pod_is_what_the_strictest_rules_for_pods_ask_for() {
    let pod = pod();
    let container = &pod["containers"][0]["securityContext"];
    let rows = [
        (&pod["securityContext"]["runAsNonRoot"], "true"),
        (&pod["securityContext"]["runAsUser"], "65532"),
        (
            &pod["securityContext"]["seccompProfile"]["type"],
            "RuntimeDefault",
        ),
        (&pod["automountServiceAccountToken"], "false"),
        (&container["allowPrivilegeEscalation"], "false"),
        (&container["readOnlyRootFilesystem"], "true"),
        (&container["capabilities"]["drop"][0], "ALL"),
    ];
    for (value, wanted) in rows {
        let written = serde_yaml::to_string(value).unwrap();
        assert_eq!(written.trim(), wanted);
    }
    for kind in ["requests", "limits"] {
        assert!(pod["containers"][0]["resources"][kind]["memory"].is_string());
    }
}

#[test]
fn the_probes_ask_what_the_port_answers() {
    let pod = pod();
    let container = &pod["containers"][0];
    let path = |probe: &str| {
        container[probe]["httpGet"]["path"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        [path("livenessProbe"), path("readinessProbe")],
        ["/-/healthy", "/-/ready"]
    );
    let page = read("docs/guide/web.md");
    for probe in ["livenessProbe", "readinessProbe"] {
        assert!(page.contains(&format!("| `{}` |", path(probe))));
        assert_eq!(
            container[probe]["httpGet"]["port"],
            container["ports"][0]["name"]
        );
    }
}

#[test]
fn services_and_their_monitor_find_the_pod() {
    let deployment = manifest("Deployment");
    let labels = &deployment["spec"]["template"]["metadata"]["labels"];
    let service = manifest("Service");
    assert_eq!(&deployment["spec"]["selector"]["matchLabels"], labels);
    assert_eq!(&service["spec"]["selector"], labels);
    let monitor = manifest("ServiceMonitor");
    assert_eq!(
        monitor["spec"]["selector"]["matchLabels"],
        service["metadata"]["labels"]
    );
    let scraped = &monitor["spec"]["endpoints"][0];
    assert_eq!(scraped["honorLabels"].as_bool(), Some(true));
    assert_eq!(scraped["port"], service["spec"]["ports"][0]["name"]);
}

#[test]
fn applying_the_manifests_again_leaves_the_real_secret_alone() {
    let kinds: BTreeSet<_> = applied()
        .iter()
        .map(|document| document["kind"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        kinds.contains("Deployment") && !kinds.contains("Secret"),
        "{kinds:?}"
    );
}

#[test]
fn the_pod_runs_the_image_of_this_version() {
    let image = pod()["containers"][0]["image"].as_str().unwrap().to_owned();
    assert_eq!(image, concat!("authvigil:", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_guide_makes_a_prometheus_rule_of_each_file_of_rules() {
    let guide = read("docs/guide/kubernetes.md");
    let start = guide.find("for rules in").unwrap();
    let end = guide.find(" | kubectl apply -f -").unwrap();
    let made = documents(&succeeds("sh", &["-c", &guide[start..end]]));
    let mut files: BTreeSet<_> = std::fs::read_dir(shipped("deploy/prometheus/rules"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for rule in made {
        assert_eq!(
            rule["apiVersion"].as_str(),
            Some("monitoring.coreos.com/v1")
        );
        assert_eq!(rule["kind"].as_str(), Some("PrometheusRule"));
        let name = rule["metadata"]["name"].as_str().unwrap();
        let file = format!("{}.yml", name.strip_prefix("authvigil-").unwrap());
        let rules = documents(&read(&format!("deploy/prometheus/rules/{file}"))).remove(0);
        assert_eq!(rule["spec"], rules);
        assert!(files.remove(&file), "{file} twice");
    }
    assert_eq!(files, BTreeSet::new());
}
