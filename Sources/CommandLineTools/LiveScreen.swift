internal import Synchronization

/// Some lines at the bottom of a terminal that are painted anew in place, with other lines going by
/// above them. Without a terminal only those other lines are written. Safe to call from any thread.
///
///     let screen = LiveScreen(terminal: .error)
///     screen.paint(["12/40 cells", "alie / krum  ▁▂▅▇"])
///     screen.log("note: …")
///     screen.finish()
public final class LiveScreen: Sendable {
  /// Where it paints.
  public let terminal: Terminal
  /// What is painted now; nil once it is over.
  private let shown = Mutex<[String]?>([])

  /// A screen with nothing on it.
  public init(terminal: Terminal) { self.terminal = terminal }

  /// Paints `lines` where the last ones stood. Lines wider than the terminal must not come: cut them
  /// first; more lines than the terminal has would leave some behind.
  public func paint(_ lines: [String]) {
    guard terminal.isTerminal else { return }
    shown.withLock { shown in
      guard let old = shown, lines != old else { return }
      terminal.write(Self.frame(lines, over: old.count))
      shown = lines
    }
  }

  /// Writes a line above what is painted.
  public func log(_ line: String) {
    shown.withLock { shown in
      guard let old = shown, !old.isEmpty else { return terminal.writeLine(line) }
      terminal.write(Self.frame([line] + old, over: old.count))
    }
  }

  /// Takes away what is painted; nothing is painted any more, whoever still tries.
  public func finish() {
    shown.withLock { shown in
      if let old = shown, !old.isEmpty { terminal.write(Self.frame([], over: old.count)) }
      shown = nil
    }
  }

  /// The bytes that put `lines` over the `count` lines above the cursor, in one write so that nothing
  /// flickers: up, each line with its rest cleared, and everything below.
  private static func frame(_ lines: [String], over count: Int) -> String {
    (count > 0 ? "\u{1B}[\(count)A\r" : "\r")
      + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
  }
}
