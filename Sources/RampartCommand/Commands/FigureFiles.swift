internal import CommandLineTools
internal import Foundation
internal import Reports

/// Figures beside a report: scripts and data always, drawings where gnuplot is installed.
enum FigureFiles {
  /// The start of the figures' names for a report at `path`: its name without suffix, with a hyphen
  /// for what LaTeX or gnuplot may not like in names.
  static func base(of path: String) -> String {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let plain = name.map { letter -> Character in
      letter.isASCII && (letter.isLetter || letter.isNumber || "-_.".contains(letter))
        ? letter : "-"
    }
    return String(plain)
  }

  /// Writes `figures` beside the report at `path` and draws them.
  ///
  /// - Returns: What the user should know: what was written, and what could not be drawn.
  /// - Throws: When a file cannot be written.
  static func write(_ figures: [ReportFigure], beside path: String) throws -> [String] {
    if figures.isEmpty { return [] }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    let base = base(of: path)
    var undrawn: [String] = []
    let program = gnuplot
    for figure in figures {
      let name = figure.name(base)
      let script = folder.appendingPathComponent(name + ".gp")
      try TextFile.write(figure.script(name), to: script.path)
      try TextFile.write(figure.data, to: folder.appendingPathComponent(name + ".dat").path)
      if let program, draw(script, in: folder, by: program) { continue }
      undrawn.append(name + ".gp")
    }
    let written = "\(figures.count) figure\(figures.count == 1 ? "" : "s") beside \(path)"
    if undrawn.isEmpty { return [written] }
    let reason = program == nil ? "gnuplot is not installed" : "gnuplot failed"
    return [
      "\(written), not drawn: \(reason); with it, run gnuplot on \(undrawn.joined(separator: " "))"
    ]
  }

  /// Where gnuplot is; nil where it is not installed.
  private static var gnuplot: URL? {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { URL(fileURLWithPath: String($0)).appendingPathComponent("gnuplot") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// Runs the script in its folder; false when it fails.
  private static func draw(_ script: URL, in folder: URL, by program: URL) -> Bool {
    let process = Process()
    process.executableURL = program
    process.arguments = [script.lastPathComponent]
    process.currentDirectoryURL = folder
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      return false
    }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
