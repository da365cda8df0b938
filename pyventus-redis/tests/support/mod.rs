//! A Redis server for each test that needs one: private, on a free port, and gone with the test.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Set where a server that is missing is a failure.
const REQUIRE: &str = "PYVENTUS_REQUIRE_SERVERS";

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a server until it is told how to end it, or nobody is left who could tell: no server outlives its test, however
/// that ends.
const KEEPER: &str = r#"
directory=$1; shift
"$@" >/dev/null 2>&1 &
server=$!
echo "$server"
read -r how
kill -s "${how:-KILL}" "$server" 2>/dev/null
wait "$server"
[ -n "$how" ] || rm -rf "$directory"
"#;

/// A server, which appends to a file.
#[derive(Debug)]
pub(crate) struct Server {
    port: u16,
    directory: PathBuf,
    options: Vec<String>,
    keeper: Mutex<Option<Child>>,
}

impl Server {
    /// Starts a server with further options.
    ///
    /// Where there is no `redis-server`, the test is left out, which it says; or fails, where the environment says so.
    pub(crate) fn start(options: &[&str]) -> Option<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);

        if !is_there() {
            leave_out();
            return None;
        }
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = format!("pyventus-redis-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(directory);
        fs::create_dir_all(&directory).expect("there is a place for temporary files");
        let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        // A port that was free may be taken before the server has it.
        for _ in 0..10 {
            let port = free_port();
            if let Some(keeper) = launch(port, &directory, &options) {
                return Some(Self { port, directory, options, keeper: Mutex::new(Some(keeper)) });
            }
        }
        panic!("`redis-server` does not start: {}", log(&directory));
    }

    /// What a broker connects to.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server as an administrator does.
    pub(crate) fn stop(&self) {
        self.end("TERM");
    }

    /// Kills the server.
    pub(crate) fn kill(&self) {
        self.end("KILL");
    }

    /// Starts a server that was ended, with what it had stored.
    pub(crate) fn start_again(&self) {
        let launched = launch(self.port, &self.directory, &self.options);
        assert!(launched.is_some(), "`redis-server` does not start again: {}", log(&self.directory));
        *self.keeper.lock().expect("nobody panics") = launched;
    }

    fn end(&self, how: &str) {
        let keeper = self.keeper.lock().expect("nobody panics").take();
        let mut keeper = keeper.expect("the server runs");
        let mut pipe = keeper.stdin.take().expect("it has a pipe");
        writeln!(pipe, "{how}").expect("the keeper listens");
        keeper.wait().expect("the keeper ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.lock().expect("nobody panics").take() {
            drop(keeper.stdin.take());
            keeper.wait().expect("the keeper ends");
        }
        // The keeper has done so, unless the server was ended before.
        if self.directory.exists() {
            fs::remove_dir_all(&self.directory).expect("the folder can be removed");
        }
    }
}

fn is_there() -> bool {
    let version = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Says that a test is left out; directly, since the runner hides what tests print.
fn leave_out() {
    let required = std::env::var_os(REQUIRE).is_some_and(|require| !require.is_empty());
    assert!(!required, "`redis-server` is not there; `cargo xtask test` installs it");
    let thread = std::thread::current();
    let line = format!(
        "left out: {}, since `redis-server` is not there; `cargo xtask test` installs it\n",
        thread.name().unwrap_or("a test")
    );
    io::stderr().write_all(line.as_bytes()).expect("somebody reads what is wrong");
}

fn free_port() -> u16 {
    // The bus of a cluster listens on a port that is higher by 10000.
    loop {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let port = listener.local_addr().expect("it listens").port();
        if port < 55_000 {
            return port;
        }
    }
}

/// Starts a server, and returns its keeper once it answers.
fn launch(port: u16, directory: &Path, options: &[String]) -> Option<Child> {
    let log = directory.join("log");
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER, "keeper"]).arg(directory).arg("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"]).arg(directory);
    command.args(["--appendonly", "yes", "--save", "", "--logfile"]).arg(log).args(options);
    let mut keeper = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("there is a shell");
    let mut pid = String::new();
    let output = keeper.stdout.take().expect("it has a pipe");
    BufReader::new(output).read_line(&mut pid).expect("the keeper says what it keeps");
    let since = Instant::now();
    let ours = format!("process_id:{}\r", pid.trim());
    while since.elapsed() < PATIENCE {
        match info(port) {
            Ok(info) if info.contains(&ours) && info.contains("\nloading:0\r") => return Some(keeper),
            // Another server has taken the port.
            Ok(info) if !info.contains(&ours) => break,
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    drop(keeper.stdin.take());
    keeper.wait().expect("the keeper ends");
    fs::create_dir_all(directory).expect("there is a place for temporary files");
    None
}

/// What a server says of itself.
fn info(port: u16) -> io::Result<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"INFO\r\nQUIT\r\n")?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

fn log(directory: &Path) -> String {
    fs::read_to_string(directory.join("log")).unwrap_or_default()
}
