//! Ordinary requests: pages of the host's own web server, orders in the shop.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::super::{
    host::{self, ACCESS_LOG, NGINX, PHP_SOCKET, SHOP_NGINX, SHOP_PHP},
    stage::{Link, Process, Stage},
};

const READ_NOW: &[&str] = &["O_RDONLY", "O_NONBLOCK", "O_CLOEXEC"];
/// Pages and their sizes in bytes.
const PAGES: [(&str, &str, u64); 5] = [
    ("/", "/var/www/site/index.html", 4_812),
    ("/about", "/var/www/site/about.html", 3_120),
    ("/style.css", "/var/www/site/style.css", 9_344),
    ("/news", "/var/www/site/news.html", 7_508),
    ("/logo.svg", "/var/www/site/logo.svg", 1_982),
];
const WARES: [&str; 4] = ["/", "/cart", "/item/17", "/item/4"];
/// How PHP's answers begin.
const REPLY: &str = "\x01\x06\0\x01\x02\x40\0\0Content-Type: text/html; charset=UTF-8\r\n\r\n";
/// The beginning of what TLS sends once it has begun.
pub(crate) const SEALED: &[u8] = b"\
    \x17\x03\x03\x01\xf4\x9a\x51\x0e\xc7\x3d\x22\x80\xb6\x4f\xa9\x1c\x77\xe0\x35\xd8\x06\x9b\x42\
    \xfd\x13\x68\xae\x5c\xf1\x27\x94\x0b\xd3\x7e\x61\x88\x2a\xc5\x1f\xeb\x49\xb0\x76\x0d\xa2\x5b\
    \xf8\x33\x97\x6c\xde\x14\x81\xca\x2f\x70\xe6\x3b\x9d\x52\xbf\x08\x64\xa7\x1e\xf3\x4c\x95\x2b\
    \xd0\x7a\x6f\xc1\x38\xe4\x59\x8d\x16\xaa\x7b";

fn visitor(number: u16) -> SocketAddrV4 {
    let [host, port] = [20 + number % 90, 40_122 + number * 61 % 20_000];
    SocketAddrV4::new(Ipv4Addr::new(203, 0, 113, host as u8), port)
}

/// One page, as any other second.
pub(crate) fn page(stage: &mut Stage, number: u16) {
    let (uri, file, bytes) = PAGES[usize::from(number) % PAGES.len()];
    let mut worker = host::running(NGINX);
    let from = visitor(number);
    let link = stage.accept(&mut worker, from, 80);
    stage.receive(&worker, link, format!("GET {uri} HTTP/1.1\r\nHost: www.example.com\r\n\r\n"));
    let page = stage.open(&mut worker, file, READ_NOW);
    stage.send_page(&worker, link, "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n", page, bytes);
    stage.close(&mut worker, page);
    let line =
        format!("{} - - \"GET {uri} HTTP/1.1\" 200 {bytes} \"-\" \"Mozilla/5.0\"\n", from.ip());
    stage.write(&worker, ACCESS_LOG, line);
    stage.close(&mut worker, link.fd);
}

/// One request to the shop, answered by PHP.
pub(crate) fn order(stage: &mut Stage, number: u16) {
    let mut worker = host::running(SHOP_NGINX[1]);
    let mut php = host::running(SHOP_PHP[1]);
    let uri = WARES[usize::from(number) % WARES.len()];
    let link = stage.accept(&mut worker, visitor(number + 7), 443);
    request(stage, (&mut worker, link), &mut php, &format!("GET {uri}"), |stage, php| {
        stage.read_file(php, "/var/www/html/index.php", "<?php require 'shop.php'; show($_GET);\n");
        stage.wait_ms(4);
    });
    stage.close(&mut worker, link.fd);
}

/// A request over a connection that stands: nginx hands it to PHP, which does `act`.
pub(crate) fn request<T>(
    stage: &mut Stage,
    (worker, link): (&mut Process, Link),
    php: &mut Process,
    what: &str,
    act: impl FnOnce(&mut Stage, &mut Process) -> T,
) -> T {
    stage.receive_of(worker, link, SEALED, 517);
    let to_php = stage.connect_unix(worker, PHP_SOCKET);
    let asked = format!("\x01\x01\0\x01\0\x08\0\0REQUEST {what} SCRIPT /var/www/html");
    stage.write(worker, to_php.fd, &asked);
    let from_nginx = stage.accept_unix(php, PHP_SOCKET, to_php);
    stage.read(php, from_nginx, &asked);
    let outcome = act(stage, php);
    stage.write(php, from_nginx, REPLY);
    stage.close(php, from_nginx);
    stage.read(worker, to_php.fd, REPLY);
    stage.close(worker, to_php.fd);
    stage.send(worker, link, SEALED);
    stage.write(worker, ACCESS_LOG, format!("\"{what} HTTP/2.0\" 200 640 \"-\" \"Mozilla/5.0\"\n"));
    outcome
}
