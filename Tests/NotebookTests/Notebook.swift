import Foundation

/// A text notebook: prose with files to write and commands with their recorded output.
///
/// - A fenced block ```` ```yaml file=NAME ```` (any language) is written to NAME.
/// - In a ```` ```console ```` block every line that begins with `$ ` is a command; the lines up to
///   the next one are its recorded output, standard error included.
/// - A recorded line `…` stands for any number of lines.
/// - `<!-- tolerance: X -->` states by how much numbers with a decimal point may differ from here
///   on; whole numbers must be equal.
struct Notebook {
  enum Step {
    case file(name: String, text: String)
    case command(line: Int, text: String, output: [String], tolerance: Double)
  }

  let name: String
  let steps: [Step]

  init(path: URL) throws {
    name = path.lastPathComponent
    var steps: [Step] = []
    var tolerance = 0.0
    var fence: (language: String, file: String?)?
    var body: [String] = []
    var command: (line: Int, text: String)?
    func finishCommand() {
      if let command {
        steps.append(
          .command(line: command.line, text: command.text, output: body, tolerance: tolerance))
      }
      command = nil
      body = []
    }
    let lines = try String(contentsOf: path, encoding: .utf8).components(separatedBy: "\n")
    for (index, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        if let open = fence {
          if let file = open.file {
            steps.append(.file(name: file, text: body.joined(separator: "\n") + "\n"))
            body = []
          } else {
            finishCommand()
          }
          fence = nil
        } else {
          let words = line.dropFirst(3).split(separator: " ")
          let file = words.first { $0.hasPrefix("file=") }.map { String($0.dropFirst(5)) }
          fence = (words.first.map(String.init) ?? "", file)
          body = []
        }
      } else if let open = fence {
        if open.language == "console", line.hasPrefix("$ ") {
          finishCommand()
          command = (index + 1, String(line.dropFirst(2)))
        } else {
          body.append(line)
        }
      } else if let match = line.firstMatch(of: /<!-- tolerance: ([0-9.]+)/) {
        tolerance = Double(match.1) ?? 0
      }
    }
    self.steps = steps
  }

  /// Nil when `got` is what was recorded, else the first line that is not.
  static func difference(recorded: [String], got: [String], tolerance: Double) -> String? {
    var position = 0
    var skipping = false
    for line in recorded {
      if line == "…" {
        skipping = true
        continue
      }
      if skipping {
        guard
          let found = got[position...].firstIndex(where: { matches(line, $0, tolerance) })
        else { return "recorded: \(line)\n     got: no such line" }
        position = found + 1
        skipping = false
      } else {
        guard position < got.count else { return "recorded: \(line)\n     got: nothing more" }
        guard matches(line, got[position], tolerance) else {
          return "recorded: \(line)\n     got: \(got[position])"
        }
        position += 1
      }
    }
    if !skipping, position < got.count {
      return "recorded: nothing more\n     got: \(got[position])"
    }
    return nil
  }

  /// Whether two lines are equal but for numbers with a decimal point, for how many spaces or rules
  /// separate the words, for the star that marks a best value and for sparklines: both follow from the numbers.
  static func matches(_ recorded: String, _ got: String, _ tolerance: Double) -> Bool {
    let (left, right) = (tokens(recorded), tokens(got))
    guard left.count == right.count else { return false }
    return zip(left, right).allSatisfy { a, b in
      if a == b { return true }
      guard a.contains("."), b.contains("."), let x = Double(a), let y = Double(b) else {
        return false
      }
      return abs(x - y) <= tolerance + 1e-9
    }
  }

  /// Words, numbers and punctuation; runs of spaces and of one rule character count as one.
  private static func tokens(_ line: String) -> [String] {
    line.matches(of: /-?[0-9]+\.[0-9]+|[A-Za-z0-9_-]+|(─)+|(-)+|[^\s*▁▂▃▄▅▆▇█]/).map { match in
      let text = String(match.0)
      return text.allSatisfy { $0 == "─" || $0 == "-" } ? String(text.prefix(1)) : text
    }
  }
}
