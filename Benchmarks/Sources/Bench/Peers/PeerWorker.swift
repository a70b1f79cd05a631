import Foundation
import Glibc

/// One Python process that works on request, so that rounds alternate without start-up costs.
///
/// It answers each line of JSON with one line of JSON (`peers/worker.py`) and ends when its input
/// does, so none outlives this process.
final class PeerWorker {
  /// Versions of what it runs on: `torch`, `numpy`, `python`.
  let versions: [String: String]
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var pending = Data()

  /// Starts a worker whose PyTorch uses `threads` threads.
  init(threads: Int) throws(BenchError) {
    process.executableURL = Places.python
    process.arguments = [Places.worker.path(percentEncoded: false), "\(threads)"]
    process.standardInput = input
    process.standardOutput = output
    var environment = ProcessInfo.processInfo.environment
    for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS"] { environment[name] = "\(threads)" }
    process.environment = environment
    do { try process.run() } catch { throw .peer("cannot start Python: \(error)") }
    var received = Data()
    let greeting: Greeting = try Self.decode(try Self.line(output, &received))
    versions = greeting.versions
    pending = received
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Sends a request without waiting for its answer, so that several workers work at once.
  func send(_ request: some Encodable) throws(BenchError) {
    do {
      let line = try JSONEncoder().encode(request) + Data("\n".utf8)
      try input.fileHandleForWriting.write(contentsOf: line)
    } catch {
      throw .peer("cannot send it a request: \(error)")
    }
  }

  /// Waits for the answer to the request sent.
  func receive<Answer: Decodable>() throws(BenchError) -> Answer {
    let line = try Self.line(output, &pending)
    if let refusal = try? JSONDecoder().decode(Refusal.self, from: line) {
      throw .peer(refusal.error)
    }
    return try Self.decode(line)
  }

  private struct Greeting: Decodable { var versions: [String: String] }
  private struct Refusal: Decodable { var error: String }

  private static func decode<Answer: Decodable>(_ line: Data) throws(BenchError) -> Answer {
    do { return try JSONDecoder().decode(Answer.self, from: line) } catch {
      throw .peer("cannot understand its answer '\(String(decoding: line, as: UTF8.self))'")
    }
  }

  /// The next line; a worker that says nothing for ten minutes is taken to hang.
  private static func line(_ pipe: Pipe, _ pending: inout Data) throws(BenchError) -> Data {
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    while true {
      if let end = pending.firstIndex(of: 10) {
        let line = pending[pending.startIndex..<end]
        pending = Data(pending[pending.index(after: end)...])
        return Data(line)
      }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 600_000) > 0 else { throw .peer("it has not answered in time") }
      let more = pipe.fileHandleForReading.availableData
      guard !more.isEmpty else { throw .peer("it ended; see its message above") }
      pending += more
    }
  }
}
