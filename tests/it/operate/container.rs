//! The image and the manifests: what is in them, and that they fit each other and the program.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_yaml::Value;

use super::{read, run, said, succeeds};
use crate::support::program::Scene;

/// All files below a directory, by their path in it; nothing behind `zoneinfo`.
fn contents(root: &Path, directory: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let inside = path.strip_prefix(root).unwrap().to_owned();
        if path.is_dir() && !inside.ends_with("zoneinfo") {
            contents(root, &path, found);
        } else {
            found.insert(inside);
        }
    }
}

/// The root of an image that holds the program under test.
fn image() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().display().to_string();
    let program = env!("CARGO_BIN_EXE_authvigil");
    succeeds("deploy/container/make-root", &[program, &place]);
    root
}

#[test]
fn the_image_holds_the_program_and_nothing_that_could_be_run_instead() {
    let root = image();
    let mut found = BTreeSet::new();
    contents(root.path(), root.path(), &mut found);
    let libraries = |path: &&PathBuf| path.starts_with("lib") || path.starts_with("lib64");
    let others: Vec<_> = found.iter().filter(|path| !libraries(path)).collect();
    let wanted = [
        "etc/group",
        "etc/nsswitch.conf",
        "etc/passwd",
        "etc/ssl/certs/ca-certificates.crt",
        "usr/bin/authvigil",
        "usr/share/zoneinfo",
    ];
    assert_eq!(others, wanted.map(PathBuf::from).iter().collect::<Vec<_>>());
    assert!(found.len() < 16, "{found:?}");
}

#[test]
fn the_program_finds_its_libraries_in_the_image() {
    let root = image();
    let mut found = BTreeSet::new();
    contents(root.path(), root.path(), &mut found);
    let is_loader = |path: &&PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("ld-linux")
    };
    let loader = root.path().join(found.iter().find(is_loader).unwrap());
    let directories: BTreeSet<String> = found
        .iter()
        .filter(|path| path.to_string_lossy().contains(".so"))
        .map(|path| {
            root.path()
                .join(path.parent().unwrap())
                .display()
                .to_string()
        })
        .collect();
    let places = directories.into_iter().collect::<Vec<_>>().join(":");
    let program = root.path().join("usr/bin/authvigil").display().to_string();
    // With nothing but what the image has: the machine's own libraries are not looked for.
    let arguments = [
        "--inhibit-cache",
        "--library-path",
        &places,
        "--list",
        &program,
    ];
    let listed = said(&run(&loader.display().to_string(), &arguments));
    let inside = root.path().display().to_string();
    let outside: Vec<&str> = listed
        .lines()
        .filter(|line| line.contains("=>") && !line.contains(&inside))
        .collect();
    assert_eq!(outside, [""; 0], "{listed}");
    assert!(listed.contains("libc.so.6 =>"), "{listed}");
}

#[test]
fn the_image_is_that_of_the_script_and_has_no_root() {
    let text = read("deploy/container/Containerfile");
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    for line in ["USER 65532:65532", "ENTRYPOINT [\"/usr/bin/authvigil\"]"] {
        assert!(last.lines().any(|it| it == line), "{line}");
    }
    assert!(!last.contains("\nRUN "), "{last}");
}

/// The documents of a manifest of this kind.
fn manifest(kind: &str) -> Value {
    let kustomization: Value =
        serde_yaml::from_str(&read("deploy/kubernetes/kustomization.yaml")).unwrap();
    let names = kustomization["resources"].as_sequence().unwrap().clone();
    let texts = names
        .iter()
        .map(|name| read(&format!("deploy/kubernetes/{}", name.as_str().unwrap())));
    let documents = texts.flat_map(|text| {
        let parts = text.split("\n---\n").map(ToOwned::to_owned);
        parts.collect::<Vec<String>>()
    });
    let mut found = documents
        .map(|text| serde_yaml::from_str::<Value>(&text).unwrap())
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
