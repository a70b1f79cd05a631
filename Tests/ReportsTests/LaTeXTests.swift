import Experiments
import Foundation
import Reports
import Testing

@Suite("LaTeX report")
struct LaTeXTests {
  @Test(
    "braces balance and every row has as many cells as columns", arguments: SampleReport.allCases)
  func structure(_ sample: SampleReport) throws {
    let text = Report(sample.results).text(.latex)
    var depth = 0
    var escaped = false
    for character in text {
      if escaped {
        escaped = false
        continue
      }
      escaped = character == "\\"
      if character == "{" { depth += 1 }
      if character == "}" { depth -= 1 }
      #expect(depth >= 0)
    }
    #expect(depth == 0)
    var columns = 0
    for line in text.split(separator: "\n") {
      if let match = line.firstMatch(of: #/begin\{tabular\}\{(lr*)\}/#) { columns = match.1.count }
      if line.hasSuffix("\\\\") && line.contains(" & ") {
        let cells = line.replacing("\\&", with: "").split(
          separator: "&", omittingEmptySubsequences: false)
        #expect(cells.count == columns, "\(line)")
      }
    }
  }

  @Test(
    "LaTeX makes a page of it that no table sticks out of, long labels broken",
    .enabled(if: PaperTools.pdflatex != nil), arguments: SampleReport.allCases)
  func compiles(_ sample: SampleReport) throws {
    // What cannot be broken anywhere sticks out.
    try Self.check(sample.results, mayStickOut: sample == .hostile)
  }

  @Test(
    "chains with parameters as rows and columns stay on the page",
    .enabled(if: PaperTools.pdflatex != nil), arguments: [1, 5])
  func longLabels(_ seeds: Int) throws {
    let matrix = SyntheticMatrix(
      attacks: ["none", "loss-series(view=sum, clients=20, examples=50)", "alie(z=1.5)"],
      defenses: [
        "mean", "local-dp(clipping-norm=0.5, target-epsilon=1000, delta=0.00001)+trimmed-mean(f=4)",
        "update-noise(sigma=0.01)+gradient-pruning(ratio=0.9)+multi-krum(f=3, m=10)",
      ], seeds: (1...UInt64(seeds)).map { $0 },
      accuracy: { attack, _, _, seed in
        (attack == "none" ? 0.9 : 0.3) + SyntheticMatrix.jitter[seed]
      })
    try Self.check(matrix.results, mayStickOut: false)
  }

  /// Compiles the report in an article; nothing may be wider than its lines.
  private static func check(_ results: MatrixResults, mayStickOut: Bool) throws {
    let pdflatex = try #require(PaperTools.pdflatex)
    try PaperTools.inFolder { folder in
      let paper = """
        \\documentclass{article}
        \\usepackage[T1]{fontenc}
        \\usepackage[utf8]{inputenc}
        \\usepackage{booktabs}
        \\begin{document}
        Paper.
        \\input{report}
        \\end{document}
        """
      try paper.write(to: folder.appending(path: "paper.tex"), atomically: true, encoding: .utf8)
      try Report(results).text(.latex).write(
        to: folder.appending(path: "report.tex"), atomically: true, encoding: .utf8)
      let (status, said) = try PaperTools.run(
        pdflatex, ["-interaction=nonstopmode", "-halt-on-error", "paper.tex"], in: folder)
      #expect(status == 0, "\(said.suffix(600))")
      if !mayStickOut {
        let over = said.split(separator: "\n").filter { $0.hasPrefix("Overfull \\hbox") }
        #expect(over.isEmpty, "\(over)")
      }
    }
  }

  @Test("signs that mean something to LaTeX are printed, not obeyed")
  func escaping() {
    let text = Report(SampleReport.hostile.results).text(.latex)
    #expect(text.contains("50\\% \\textbackslash{}input\\{x\\} \\$y\\textasciicircum{}2\\$"))
    // A long label goes on in another line.
    #expect(text.contains("\\#1 \\textasciitilde{}\\\\\\{z\\}\\_w"))
    #expect(text.contains("{[}U+9632{]}{[}U+5FA1{]}"))
    #expect(!text.contains("\\input{x}"))
    #expect(text.unicodeScalars.allSatisfy { $0.value < 0x100 })
  }

  @Test("void and impossible cells are marked and explained")
  func marks() {
    let text = Report(SampleReport.everyCell.results).text(.latex)
    #expect(text.contains("($92.1 \\pm 1.0$)$^{\\dagger}$"))
    #expect(text.contains("n/a (krum and nnm): needs individual updates"))
    #expect(text.contains("$\\leq$\\,$55.1 \\pm 1.0$"))
    #expect(text.contains("over 5 seeds"))
  }
}
