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
    "LaTeX makes a page of it that no table of common size sticks out of",
    .enabled(if: PaperTools.pdflatex != nil), arguments: SampleReport.allCases)
  func compiles(_ sample: SampleReport) throws {
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
      try Report(sample.results).text(.latex).write(
        to: folder.appending(path: "report.tex"), atomically: true, encoding: .utf8)
      let (status, said) = try PaperTools.run(
        pdflatex, ["-interaction=nonstopmode", "-halt-on-error", "paper.tex"], in: folder)
      #expect(status == 0, "\(said.suffix(600))")
      if [.typical, .everyCell, .fewSeeds].contains(sample) {
        #expect(!said.contains("Overfull \\hbox"), "\(said.suffix(600))")
      }
    }
  }

  @Test("signs that mean something to LaTeX are printed, not obeyed")
  func escaping() {
    let text = Report(SampleReport.hostile.results).text(.latex)
    #expect(text.contains("50\\% \\textbackslash{}input\\{x\\} \\$y\\textasciicircum{}2\\$"))
    #expect(text.contains("\\#1 \\textasciitilde{} \\{z\\}\\_w"))
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
