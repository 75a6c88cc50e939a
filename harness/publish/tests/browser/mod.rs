//! A real Chromium without a window, spoken to by its DevTools protocol: what a reader does with mouse and
//! keys, and what the page makes of it.

#![allow(
    clippy::unwrap_used,
    reason = "a test; clippy.toml covers only its #[test] functions"
)]

use std::{
    env, fs,
    io::BufReader,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

use crate::common;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// As Debian, Ubuntu and Google call it.
const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// A browser with one tab. It ends with this value.
pub(crate) struct Browser {
    process: Child,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    last: u64,
    events: Vec<Value>,
    _profile: TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // What it started ends with it, when it is asked to end.
        let close = json!({ "id": self.last + 1, "method": "Browser.close" });
        let _ = self.socket.send(Message::text(close.to_string()));
        let _ = self.process.wait();
    }
}

/// The program, if there is one.
fn program() -> Option<PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

impl Browser {
    /// Starts it; none where it is not installed, which on CI is a failure.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = program() else {
            assert!(env::var_os("CI").is_none(), "Chromium is not installed");
            eprintln!("skipped: Chromium is not installed (Debian: apt-get install chromium)");
            return None;
        };
        let profile = TempDir::new().unwrap();
        let mut process = Command::new(program)
            .args([
                "--headless=new",
                // Containers forbid what its sandbox needs; it sees nothing but our own page.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap());
        let address = address(&mut said);
        // What it says further is of no interest, but it must not block on saying it.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let host = address.strip_prefix("ws://").unwrap();
        let stream = TcpStream::connect(host.split('/').next().unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = tungstenite::client(&address, stream).unwrap();
        let mut browser = Self {
            process,
            socket,
            session: None,
            last: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.size(1280, 900);
        browser.prefers("light");
        Some(browser)
    }

    /// Asks something of it.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.socket
            .send(Message::text(message.to_string()))
            .unwrap();
        loop {
            let answer = self.hear();
            if answer["id"] == json!(self.last) {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    fn hear(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Waits for an event that has not been waited for.
    fn event(&mut self, method: &str) {
        loop {
            if let Some(place) = self
                .events
                .iter()
                .position(|event| event["method"] == method)
            {
                self.events.remove(place);
                return;
            }
            let event = self.hear();
            self.events.push(event);
        }
    }

    /// Opens a file, with what stands behind its name.
    pub(crate) fn open(&mut self, file: &Path, fragment: &str) {
        // Another fragment alone would load nothing.
        self.call("Page.navigate", json!({ "url": "about:blank" }));
        self.event("Page.loadEventFired");
        let url = format!("file://{}{fragment}", file.display());
        let answer = self.call("Page.navigate", json!({ "url": url }));
        assert!(answer["errorText"].is_null(), "{answer}");
        self.event("Page.loadEventFired");
    }

    /// Loads it again.
    pub(crate) fn reload(&mut self) {
        self.call("Page.reload", json!({}));
        self.event("Page.loadEventFired");
    }

    /// What a JavaScript expression comes to.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", asked);
        let failed = &answer["exceptionDetails"];
        assert!(failed.is_null(), "{expression}: {failed}");
        answer["result"]["value"].clone()
    }

    /// The text of an expression.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.value(expression);
        value
            .as_str()
            .unwrap_or_else(|| panic!("{expression}: {value}"))
            .to_owned()
    }

    /// Waits until an expression is true.
    pub(crate) fn until(&mut self, expression: &str) {
        common::until(expression, || {
            (self.value(expression) == json!(true)).then_some(())
        });
    }

    /// Clicks into the middle of the first element of a selector, as a hand would: once nothing moves there any more, and
    /// never through what covers it.
    pub(crate) fn click(&mut self, selector: &str) {
        let look = format!(
            "new Promise(done => {{ const e = document.querySelector({selector:?}); \
             e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); \
             requestAnimationFrame(() => {{ \
             const r = e.getClientRects()[0]; \
             const [x, y] = [r.x + r.width / 2, r.y + r.height / 2]; \
             const hit = document.elementFromPoint(x, y); \
             done({{ x, y, hits: e.contains(hit) }}); }}); }})"
        );
        let place = common::until(&format!("{selector} is not covered"), || {
            let place = self.value(&look);
            (place["hits"] == json!(true)).then_some(place)
        });
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event);
        }
    }

    /// Presses a key: `Tab`, `Enter`, `Escape`, or an arrow.
    pub(crate) fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            other => panic!("{other} is not known here"),
        };
        let text = if key == "Enter" { "\r" } else { "" };
        for kind in [
            if text.is_empty() {
                "rawKeyDown"
            } else {
                "keyDown"
            },
            "keyUp",
        ] {
            let event = json!({
                "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
                "text": if kind == "keyUp" { "" } else { text },
            });
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// Chooses an option of the filter of this name.
    pub(crate) fn choose(&mut self, filter: &str, option: &str) {
        // Its list is the system's, and no part of the page.
        let chosen = self.value(&format!(
            "(() => {{ const s = document.querySelector('#filters').elements[{filter:?}]; s.value = {option:?}; \
             s.dispatchEvent(new Event('change', {{ bubbles: true }})); return s.value; }})()"
        ));
        assert_eq!(chosen, option, "{filter} has no such option");
    }

    /// Goes back.
    pub(crate) fn back(&mut self) {
        self.value("history.back()");
    }

    /// Makes the window so large.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let size = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Makes the system light or dark.
    pub(crate) fn prefers(&mut self, scheme: &str) {
        // Nothing moves by itself under a click.
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
    }

    /// Keeps what the window shows, for people to look at.
    pub(crate) fn picture(&mut self, name: &str) {
        let folder = common::workspace().join("target/screenshots");
        fs::create_dir_all(&folder).unwrap();
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let bytes = data_encoding::BASE64.decode(shot["data"].as_str().unwrap().as_bytes());
        fs::write(folder.join(format!("{name}.png")), bytes.unwrap()).unwrap();
    }

    /// What the page complained of, and what it asked of others.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // Whatever was on its way is here when this is answered.
        self.value("1");
        let complaint = |event: &Value| {
            let params = &event["params"];
            let bad = match event["method"].as_str()? {
                "Runtime.exceptionThrown" => true,
                "Runtime.consoleAPICalled" => params["type"] != "log",
                "Log.entryAdded" => params["entry"]["level"] != "verbose",
                "Network.requestWillBeSent" => {
                    let url = params["request"]["url"].as_str()?;
                    !["file:", "data:", "about:"]
                        .iter()
                        .any(|own| url.starts_with(own))
                }
                _ => false,
            };
            bad.then(|| params.to_string())
        };
        self.events.iter().filter_map(complaint).collect()
    }
}

/// Where it listens, as it says when it starts.
fn address(said: &mut impl std::io::BufRead) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        if said.read_line(&mut line).unwrap() == 0 {
            panic!("Chromium ended before it listened: {all}");
        }
        if let Some((_, address)) = line.split_once("DevTools listening on ") {
            return address.trim().to_owned();
        }
        all.push_str(&line);
    }
}
