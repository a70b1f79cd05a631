import Foundation
import Glibc
import Rampart

/// A server and seven clients, each a process of its own: client 2 is killed before it sends its
/// masked input, client 5 hangs before it opens its shares. The sum of all but client 2 comes out,
/// and is compared with the sum of what those clients put in.
struct Demo {
  static let clients = 7
  static let killed = 2
  static let hanging = 5
  static let deadline = 10.0

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "secure-sum-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try Agreement.prepare(in: folder, clients: Self.clients)
    let agreement = try Agreement(in: folder)

    let server = try Child("server", folder.path, "\(Self.deadline)")
    defer { server.kill() }
    let first = try server.line(beginning: "listening on port ")
    var clients: [Child] = []
    defer { for client in clients { client.kill() } }
    for id in 0..<Self.clients {
      var words = ["client", folder.path, "\(id)", first]
      if id == Self.killed { words += ["stop-before", "masked input"] }
      if id == Self.hanging { words += ["stop-before", "unmasking shares"] }
      clients.append(try Child(words))
    }
    _ = try clients[Self.killed].line(beginning: "client \(Self.killed) stops")
    clients[Self.killed].kill()
    print("client \(Self.killed) was killed before its masked input")
    _ = try clients[Self.hanging].line(beginning: "client \(Self.hanging) stops")
    print("client \(Self.hanging) hangs before its unmasking shares")

    let text = try server.line(beginning: "sum ")
    let result = try JSONDecoder().decode(Server.Result.self, from: Data(text.utf8))
    let survivors = (0..<Self.clients).filter { $0 != Self.killed }
    let plain = try agreement.encoding.sum(survivors.map { try agreement.codes(of: $0) })
    print("clients in the sum: \(result.contributors)")
    print("their mean: \(result.mean.map { ($0 * 1000).rounded() / 1000 })")
    guard result.contributors == survivors, result.codes == plain.elements else {
      throw Failure("the sum is not that of clients \(survivors): \(result.codes)")
    }
    for (id, client) in clients.enumerated() where id != Self.killed && id != Self.hanging {
      guard client.exitStatus() == 0 else { throw Failure("client \(id) failed") }
    }
    print("exactly the sum of what they put in")
  }
}

/// A process of this program.
private final class Child {
  private let process = Process()
  private let output = Pipe()
  private var pending = Data()

  init(_ arguments: [String]) throws {
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = arguments
    process.standardOutput = output
    try process.run()
  }

  convenience init(_ arguments: String...) throws { try self.init(arguments) }

  /// The rest of the next line that begins so; a minute is long enough to wait for any.
  func line(beginning start: String) throws -> String {
    let descriptor = output.fileHandleForReading.fileDescriptor
    while true {
      while let end = pending.firstIndex(of: 10) {
        let line = String(decoding: pending[pending.startIndex..<end], as: UTF8.self)
        pending = Data(pending[pending.index(after: end)...])
        if line.hasPrefix(start) { return String(line.dropFirst(start.count)) }
      }
      guard readable([descriptor], within: 60).contains(descriptor) else {
        throw Failure("no line '\(start)…' within a minute")
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw Failure("a process ended without the line '\(start)…'") }
      pending += more
    }
  }

  func kill() {
    guard process.isRunning else { return }
    Glibc.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func exitStatus() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }
}
