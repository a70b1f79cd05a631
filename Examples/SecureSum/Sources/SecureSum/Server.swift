import Foundation
import Glibc
import Rampart

/// The server: takes messages until all that can come have come or time is up, then ends the round.
///
/// Whoever has closed the connection, or says nothing before the deadline, has dropped out. A
/// message that the protocol refuses costs nothing but a line: the client may send the right one.
struct Server {
  /// What it prints in the end, as JSON.
  struct Result: Codable, Equatable {
    /// Whose vectors are in the sum.
    var contributors: [Int]
    /// The sum of the codes, exact.
    var codes: [UInt64]
    /// The mean of the vectors.
    var mean: [Double]
  }

  private let agreement: Agreement
  private let deadline: Double

  init(_ agreement: Agreement, deadline: Double) {
    self.agreement = agreement
    self.deadline = deadline
  }

  func run() throws {
    let (socket, port) = try listening()
    say("listening on port \(port)")
    var server = MaskingServer(
      in: agreement.session, identity: try agreement.key(of: "server"),
      registry: agreement.registry)
    // By socket; and by client, once it has signed something.
    var connections: [Int32: Connection] = [:]
    var places: [Int: Int32] = [:]
    var expected = Set(0..<agreement.session.clients)
    while let round = server.awaited {
      let end = Date.now.addingTimeInterval(deadline)
      while !expected.isSubset(of: server.received), end.timeIntervalSinceNow > 0 {
        let ready = readable([socket] + connections.keys, within: end.timeIntervalSinceNow)
        if ready.contains(socket) {
          let next = accept(socket, nil, nil)
          if next >= 0 {
            limitSending(next, to: deadline)
            connections[next] = Connection(next, limit: agreement.messageLimit)
          }
        }
        for place in ready where place != socket {
          guard let connection = connections[place], let messages = try? connection.receive() else {
            connections[place] = nil
            for (client, other) in places where other == place { expected.remove(client) }
            continue
          }
          for message in messages {
            do { places[try server.receive(message)] = place } catch { say("refused: \(error)") }
          }
        }
      }
      say("\(server.received.count) clients have sent a \(round)")
      let answers = try server.closeRound()
      expected = []
      for (client, message) in answers {
        guard let place = places[client], connections[place]?.send(message) == true else {
          continue
        }
        expected.insert(client)
      }
    }
    guard let outcome = server.outcome else { throw Failure("there is no sum") }
    let mean = try agreement.encoding.decode(outcome.sum)
    let result = Result(
      contributors: outcome.contributors, codes: outcome.sum.elements, mean: mean.mean)
    say("sum \(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))")
  }
}

/// One line of standard output, at once.
func say(_ text: String) {
  FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}
