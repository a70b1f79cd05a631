import Foundation
import Glibc
import Harness

signal(SIGPIPE, SIG_IGN)
let arguments = Array(CommandLine.arguments.dropFirst())
do {
  try Program.run(arguments)
} catch {
  FileHandle.standardError.write(Data("error: \(error)\n".utf8))
  if let error = error as? BenchError, case .usage = error { exit(2) }
  exit(1)
}
