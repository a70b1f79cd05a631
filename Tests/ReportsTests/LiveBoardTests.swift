import CommandLineTools
import Experiments
import Reports
import Testing

@Suite("The live view of a matrix")
struct LiveBoardTests {
  /// Two attacks and two rules; everything is done but the last cell, where two of three seeds are.
  private var matrix: SyntheticMatrix {
    SyntheticMatrix(
      attacks: ["none", "alie"], defenses: ["mean", "krum"], seeds: [1, 2, 3],
      accuracy: { attack, defense, _, place in
        if attack == "alie", defense == "krum" { return place < 2 ? 0.5 : nil }
        return attack == "none" ? 0.9 : 0.25
      })
  }

  private func process(_ seconds: Double, _ events: MatrixEvent...) -> LiveRuns {
    var runs = LiveRuns(pending: 1)
    runs.started = 1000
    for event in events { runs.note(event) }
    return runs
  }

  private let last = Unit(cell: 3, seed: 3)

  @Test("cells show their mean, the course of what is under way, or how much is done")
  func cells() {
    var board = LiveBoard(
      matrix.results,
      processes: [
        process(
          10, .began(last), .measured(last, round: 1, of: 4, accuracy: 0.1),
          .measured(last, round: 2, of: 4, accuracy: 0.99))
      ])
    let expected = [
      "       none   alie",
      "──────────────────",
      "mean   90.0   25.0",
      "krum   90.0     ▁█",
      "",
      "alie / krum / seed 3  round 2/4   99.0%  ▁█",
      "synthetic  11/12 runs  91%  3.0/min  10 s left",
    ]
    #expect(board.lines(width: 80, height: 24, usesColour: false, now: 1010) == expected)
    #expect(board.note(.finished(last, accuracy: 0.8, seconds: 1)) == 3)
    let lines = board.lines(width: 80, height: 24, usesColour: false, now: 1010)
    #expect(lines[3] == "krum   90.0   60.0")
    #expect(lines.last == "synthetic  12/12 runs  100%  6.0/min  0 s left")
    #expect(
      board.line(about: 3, now: 1010)
        == "4/4 cells  alie / krum  60.0% (mean of 3 seeds)  0 s left")
  }

  @Test("a cell that waits says how much of it is done; failures and the impossible say so")
  func words() {
    var matrix = matrix
    matrix.refusal = { attack, defense, _ in
      attack == "alie" && defense == "mean" ? "cannot be" : nil
    }
    let board = LiveBoard(matrix.results, processes: [])
    let lines = board.lines(width: 80, height: 24, usesColour: false, now: 0)
    #expect(lines[2].hasSuffix("90.0    n/a"))
    #expect(lines[3].hasSuffix("90.0    2/3"))
    #expect(lines.last == "synthetic  8/9 runs  88%")
    var failing = board
    #expect(failing.note(.failed(last, error: "diverged")) == 3)
    #expect(
      failing.lines(width: 80, height: 24, usesColour: false, now: 0)[3].hasSuffix("failed"))
    #expect(
      failing.line(about: 3, now: 0)
        == "3/3 cells  alie / krum  50.0% (mean of 2 seeds)  1 of 3 failed")
  }

  @Test("no line is wider, and no screen higher, than the terminal; work comes first")
  func fits() {
    var matrix = matrix
    matrix.settings = (0..<6).map { [.partition: "dirichlet(alpha=0.\($0 + 1))"] }
    let unit = Unit(cell: 4 * 4 + 1, seed: 2)
    let processes = [
      process(10, .began(unit), .measured(unit, round: 3, of: 9, accuracy: 0.4))
    ]
    let board = LiveBoard(matrix.results, processes: processes)
    for width in [30, 44, 60, 79, 120] {
      for height in [6, 10, 14, 20, 30, 100] {
        let lines = board.lines(width: width, height: height, usesColour: false, now: 1010)
        #expect(lines.count <= height, "\(width) x \(height)")
        #expect(lines.allSatisfy { $0.displayWidth <= width }, "\(width) x \(height)")
      }
    }
    let short = board.lines(width: 80, height: 12, usesColour: false, now: 1010)
    #expect(short.first == "partition dirichlet(alpha=0.5)")
    #expect(short.contains("5 more tables do not fit here"))
  }

  @Test("rounds that an earlier process did do not make this one fast")
  func resumed() {
    let runs = process(
      10, .began(last), .resumed(last, round: 91, of: 100),
      .measured(last, round: 92, of: 100, accuracy: 0.5))
    let board = LiveBoard(matrix.results, processes: [runs])
    // 2% of a run in 10 s, and 8% are left.
    #expect(
      board.lines(width: 80, height: 24, usesColour: false, now: 1010).last?
        .hasSuffix("40 s left") == true)
  }
}
