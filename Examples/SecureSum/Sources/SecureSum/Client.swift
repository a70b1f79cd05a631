import Foundation
import Glibc
import Rampart

/// One client: says its first message and answers the server's until there is nothing more to say.
///
/// With `stopsBefore`, for the demonstration, it never sends that message: it says so and waits to
/// be killed.
func runClient(_ id: Int, _ agreement: Agreement, port: UInt16, stopsBefore: String?) throws {
  let client = try MaskingClient(
    id: id, in: agreement.session, input: agreement.codes(of: id),
    identity: agreement.key(of: "client-\(id)"), registry: agreement.registry)
  let server = try Connection.open(port: port, limit: agreement.messageLimit)
  // What it has to say, in this order.
  var due: [MessageKind] = [
    .keyAdvertisement, .shareDistribution, .maskedInput, .consistencySignature, .unmaskingShares,
  ]
  func answer(_ message: [UInt8]) throws {
    let kind = due.removeFirst()
    if kind.description == stopsBefore {
      say("client \(id) stops before its \(kind)")
      while true { sleep(1000) }
    }
    guard server.send(message) else { throw Failure("the server is gone") }
  }
  try answer(client.start())
  while !client.isFinished {
    guard let messages = try server.receive() else { throw Failure("the server is gone") }
    for message in messages {
      if let next = try client.receive(message) { try answer(next) }
    }
  }
}
