// A sum that the server sees and cannot take apart: one server, a process for each client,
// messages over TCP on this machine. Without arguments it shows itself: see Demo.swift.
import Foundation
import Rampart

let usage = """
  usage: SecureSum [demo]
         SecureSum keys FOLDER CLIENTS
         SecureSum server FOLDER DEADLINE-SECONDS
         SecureSum client FOLDER NUMBER PORT [stop-before MESSAGE]
  """

func run(_ arguments: [String]) throws {
  switch (arguments.first ?? "demo", arguments.count) {
  case ("demo", 0...1):
    try Demo().run()
  case ("keys", 3):
    guard let clients = Int(arguments[2]) else { throw Failure("'\(arguments[2])' is no number") }
    try Agreement.prepare(in: URL(filePath: arguments[1]), clients: clients)
  case ("server", 3):
    guard let deadline = Double(arguments[2]), deadline > 0 else {
      throw Failure("'\(arguments[2])' is no number of seconds")
    }
    try Server(Agreement(in: URL(filePath: arguments[1])), deadline: deadline).run()
  case ("client", 4), ("client", 6):
    guard let id = Int(arguments[2]), let port = UInt16(arguments[3]) else {
      throw Failure("'\(arguments[2])' or '\(arguments[3])' is no number")
    }
    let agreement = try Agreement(in: URL(filePath: arguments[1]))
    try runClient(id, agreement, port: port, stopsBefore: arguments.dropFirst(5).first)
  default:
    throw Failure(usage)
  }
}

/// What went wrong, in words.
struct Failure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

do { try run(Array(CommandLine.arguments.dropFirst())) } catch {
  FileHandle.standardError.write(Data("SecureSum: \(error)\n".utf8))
  exit(1)
}
