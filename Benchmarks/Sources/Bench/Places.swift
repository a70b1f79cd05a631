import Foundation

/// Where the package lies on this machine.
enum Places {
  /// The folder `Benchmarks`.
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// The checkout it belongs to.
  static let checkout = package.deletingLastPathComponent()
  /// The interpreter of the peers' virtual environment, which `./run bench` makes.
  static let python = package.appending(path: ".venv/bin/python")
  /// The program that peers run.
  static let worker = package.appending(path: "peers/worker.py")
  /// Where the figures go unless the command line says otherwise.
  static let record = package.appending(path: "last.json")
}
