import Foundation
import Glibc
import Rampart

/// Messages over a TCP connection: four bytes of length, least significant first, then the message.
final class Connection {
  let socket: Int32
  private let limit: Int
  private var pending: [UInt8] = []

  init(_ socket: Int32, limit: Int) {
    self.socket = socket
    self.limit = limit
  }

  deinit { close(socket) }

  /// A connection to a port of this machine.
  static func open(port: UInt16, limit: Int) throws -> Connection {
    let connection = Connection(try newSocket(), limit: limit)
    guard withLoopback(port, { connect(connection.socket, $0, $1) }) == 0 else {
      throw Failure("cannot connect to port \(port): \(lastError())")
    }
    return connection
  }

  /// Sends a message; false if the other side is gone or does not take it in time.
  func send(_ message: [UInt8]) -> Bool {
    var rest = (0..<4).map { UInt8(truncatingIfNeeded: message.count >> (8 * $0)) } + message
    while !rest.isEmpty {
      let count = Glibc.send(socket, rest, rest.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { return false }
      rest.removeFirst(count)
    }
    return true
  }

  /// What has arrived, waiting for no more than the next bytes; nil once the other side is gone.
  func receive() throws -> [[UInt8]]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    pending += buffer.prefix(count)
    var messages: [[UInt8]] = []
    while pending.count >= 4 {
      let length = pending.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard length <= limit else {
        throw Failure("a message of \(length) bytes; \(limit) are allowed")
      }
      guard pending.count >= 4 + length else { break }
      messages.append(Array(pending[4..<4 + length]))
      pending.removeFirst(4 + length)
    }
    return messages
  }
}

/// A socket that listens on a free port of this machine, and the port.
func listening() throws -> (socket: Int32, port: UInt16) {
  let socket = try newSocket()
  guard withLoopback(0, { bind(socket, $0, $1) }) == 0, listen(socket, 128) == 0 else {
    throw Failure("cannot listen: \(lastError())")
  }
  var address = sockaddr_in()
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let found = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
  }
  guard found == 0 else { throw Failure("cannot tell the port: \(lastError())") }
  return (socket, UInt16(bigEndian: address.sin_port))
}

/// Which of these sockets have something to read, after at most so many seconds.
func readable(_ sockets: [Int32], within seconds: Double) -> Set<Int32> {
  var waiting = sockets.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
  poll(&waiting, nfds_t(waiting.count), Int32(max(0, (1000 * seconds).rounded(.up))))
  return Set(waiting.filter { $0.revents != 0 }.map(\.fd))
}

/// Lets no answer to a client take longer than this.
func limitSending(_ socket: Int32, to seconds: Double) {
  var time = timeval(
    tv_sec: Int(seconds), tv_usec: Int(seconds.truncatingRemainder(dividingBy: 1) * 1e6))
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
}

private func newSocket() throws -> Int32 {
  let found = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  guard found >= 0 else { throw Failure("no socket: \(lastError())") }
  return found
}

private func withLoopback(
  _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
  return withUnsafePointer(to: address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

func lastError() -> String { String(cString: strerror(errno)) }
