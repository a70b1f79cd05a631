import Components
import Experiments
import Federation
import Foundation
import Reports
import Testing

/// Curves for papers against the store, and against gnuplot where it is installed.
@Suite("Figures for papers")
struct FigureTests {
  /// Corners of three stored ROC curves: false and true positive rates; the second begins with
  /// nobody recognised.
  static let corners: [[(Double, Double)]] = [
    [(0, 0.02), (0.005, 0.1), (0.1, 0.4), (1, 1)],
    [(0, 0), (0.01, 0.2), (0.1, 0.3), (1, 1)],
    [(0, 0.04), (0.005, 0.05), (0.5, 0.9), (1, 1)],
  ]

  /// One attack that stores an ROC curve a seed; krum's third seed has none.
  private static func results(
    seeds: [UInt64] = [1, 2, 3], names: [String] = ["mean", "krum"]
  ) -> MatrixResults {
    var matrix = SyntheticMatrix(
      attacks: ["none", "reader"], defenses: names, seeds: seeds,
      accuracy: { _, _, _, seed in 0.9 + SyntheticMatrix.jitter[seed] })
    matrix.rounds = 3
    let made = matrix.results
    let rows = made.rows.map { row in
      var row = row
      let place = seeds.firstIndex(of: row.seed) ?? 0
      guard row.description.labels["attack"] == "reader" else { return row }
      if row.description.labels["defense"] != "mean", place == 2 { return row }
      let corners = corners[place]
      row.metrics?.curves = [
        "ROC": .init(
          x: corners.map(\.0), y: corners.map(\.1), xLabel: "false positive rate",
          yLabel: "true positive rate"),
        "ladder": .init(x: [1, 2], y: [3, 4], xLabel: "gift", yLabel: "PSNR in dB"),
      ]
      return row
    }
    return MatrixResults(name: "x", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"])
  }

  /// The numbers of each block of `data`, beside the last comment above it.
  private static func blocks(_ data: String) -> [(name: String, rows: [[Double]])] {
    data.components(separatedBy: "\n\n\n").map { block in
      let lines = block.split(separator: "\n")
      return (
        String(lines.last { $0.hasPrefix("#") }?.dropFirst(2) ?? ""),
        lines.filter { !$0.hasPrefix("#") }.map {
          $0.split(separator: " ").compactMap { Double($0) }
        }
      )
    }
  }

  @Test("the seeds of an ROC figure are the stored points, its means those of step functions")
  func rocData() throws {
    let figures = Report(Self.results()).figures.filter { $0.kind == .roc }
    let figure = try #require(figures.first)
    #expect(figures.count == 1 && figure.title == "ROC, under reader")
    let blocks = Self.blocks(figure.data)
    #expect(
      blocks.map(\.name) == [
        "mean, mean over 3 seeds", "mean, seed 1", "mean, seed 2", "mean, seed 3",
        "krum (n = 2), mean over 2 seeds", "krum (n = 2), seed 1", "krum (n = 2), seed 2",
      ])
    for (block, seed) in [(1, 0), (2, 1), (3, 2), (5, 0), (6, 1)] {
      #expect(blocks[block].rows == Self.corners[seed].map { [$0.0, $0.1] })
    }
    /// The last stored point at or left of `rate`.
    func step(_ seed: Int, _ rate: Double) -> Double {
      Self.corners[seed].last { $0.0 <= rate }?.1 ?? 0
    }
    for (block, seeds) in [(0, [0, 1, 2]), (4, [0, 1])] {
      let rates = Set(seeds.flatMap { Self.corners[$0].map(\.0) }).sorted()
      #expect(blocks[block].rows.map { $0[0] } == rates)
      for row in blocks[block].rows {
        let mean = seeds.map { step($0, row[0]) }.reduce(0, +) / Double(seeds.count)
        #expect(abs(row[1] - mean) < 1e-12)
      }
    }
  }

  @Test("both axes are logarithmic, rates of 0 stand at a tick of their own left of all others")
  func rocAxes() throws {
    let figure = try #require(Report(Self.results()).figures.first { $0.kind == .roc })
    let script = figure.script("x")
    #expect(script.contains("set logscale xy\n"))
    // The least rates stored are 0.005 and 0.02; 0 stands at half of each, on the axis' edge.
    #expect(script.contains("set xrange [0.0025:1]\n") && script.contains("set yrange [0.01:1]\n"))
    #expect(script.contains("set xtics ('0' 0.0025, '0.01' 0.01, '0.1' 0.1, '1' 1.0)\n"))
    #expect(script.contains("set ytics ('0' 0.01, '0.1' 0.1, '1' 1.0)\n"))
    let drawn = script.matches(
      of: #/index (\d+) using \(\$1>0\?\$1:0\.0025\):\(\$2>0\?\$2:0\.01\)/#)
    #expect(drawn.compactMap { Int($0.1) }.sorted() == Array(0..<7))
    #expect(figure.caption.contains("rates of 0 stand at the ticks named so"))
    let one = try #require(Report(Self.results(seeds: [1])).figures.first { $0.kind == .roc })
    #expect(Self.blocks(one.data).count == 2 && one.caption.contains("One seed."))
  }

  @Test(
    "a learning figure has a line a defense: mean, least and greatest of the stored curves",
    arguments: [SampleReport.typical, .everyCell, .fewSeeds])
  func learning(_ sample: SampleReport) throws {
    let results = sample.results
    let figures = Report(results).figures.filter { $0.kind == .learning }
    #expect(!figures.isEmpty)
    #expect(figures.map(\.number) == Array(1...figures.count))
    var told = 0
    for figure in figures {
      let blocks = Self.blocks(figure.data)
      let lines = figure.script("x").matches(of: #/index (\d+) using 1:2 with linespoints/#)
      #expect(lines.compactMap { Int($0.1) } == Array(blocks.indices))
      for block in blocks {
        // The cell of these defense and attack, by its labels alone.
        let defense = block.name.components(separatedBy: " (n = ")[0]
        let own = results.rows.filter { row in
          guard let attack = row.description.labels["attack"] else { return false }
          let who = attack == "none" ? "nobody attacking" : "under \(attack)"
          let settings = row.description.labels.values
          let place = figure.title.components(separatedBy: who).dropFirst().first ?? "?"
          return figure.title.contains(", \(who)") && row.description.labels["defense"] == defense
            && (place.isEmpty || settings.contains { place.hasSuffix(" \($0)") })
        }
        let curves = own.compactMap { $0.metrics?.curve }
        try #require(!curves.isEmpty, "\(figure.title) \(block.name)")
        #expect(block.rows.count == curves[0].count)
        for (place, row) in block.rows.enumerated() {
          let values = curves.map { $0[place].accuracy * 100 }
          #expect(row[0] == Double(curves[0][place].round))
          #expect(abs(row[1] - values.reduce(0, +) / Double(values.count)) < 1e-9)
          #expect(row[2] == values.min() && row[3] == values.max())
          told += 1
        }
      }
    }
    #expect(told > 0)
  }

  @Test("figures have names of their own, and scripts and data run nothing that a name says")
  func names() {
    for sample in SampleReport.allCases {
      let figures = Report(sample.results).figures
      #expect(Set(figures.map { $0.name("paper") }).count == figures.count)
    }
    let hostile = "x' ; system \"touch y\"\n!ls `ls`"
    for figure in Report(Self.results(names: ["mean", hostile])).figures {
      let script = figure.script("a'b`c")
      #expect(!script.contains("`") && !script.contains("\"") && !script.contains("\n!"))
      #expect(!figure.data.contains("`") && !figure.data.contains("\n!"))
      for line in script.split(separator: "\n") where !line.hasPrefix("#") {
        // Outside of strings, in which a quote is written twice, nothing of the names is left.
        let outside = line.split(separator: "'", omittingEmptySubsequences: false)
          .enumerated().filter { $0.offset % 2 == 0 }.map(\.element).joined()
        #expect(!outside.contains("system"))
      }
    }
  }

  @Test(
    "gnuplot draws every figure without a word", .enabled(if: PaperTools.gnuplot != nil))
  func drawing() throws {
    let gnuplot = try #require(PaperTools.gnuplot)
    let all = [
      Self.results(), Self.results(seeds: [1]), SampleReport.everyCell.results,
      SampleReport.hostile.results,
    ]
    for results in all {
      try PaperTools.inFolder { folder in
        for figure in Report(results).figures {
          let name = figure.name("p")
          try figure.data.write(
            to: folder.appending(path: "\(name).dat"), atomically: true, encoding: .utf8)
          try figure.script(name).write(
            to: folder.appending(path: "\(name).gp"), atomically: true, encoding: .utf8)
          let (status, said) = try PaperTools.run(gnuplot, ["\(name).gp"], in: folder)
          #expect(status == 0 && said.isEmpty, "\(figure.title): \(said)")
          let pdf = try Data(contentsOf: folder.appending(path: "\(name).pdf"))
          #expect(pdf.starts(with: Data("%PDF".utf8)) && pdf.count > 2000)
        }
      }
    }
  }

  @Test(
    "a paper with the figures in it compiles, more of them than LaTeX holds back at once",
    .enabled(if: PaperTools.pdflatex != nil))
  func paper() throws {
    let pdflatex = try #require(PaperTools.pdflatex)
    var matrix = SyntheticMatrix.typical
    matrix.settings = (1...15).map { [.partition: "iid(clients=\($0))"] }
    let report = Report(matrix.results)
    #expect(report.figures.count > 60)
    try PaperTools.inFolder { folder in
      try """
      \\documentclass{article}
      \\usepackage[T1]{fontenc}
      \\usepackage{booktabs}
      \\usepackage{graphicx}
      \\begin{document}
      Paper.
      \\input{report}
      \\end{document}
      """.write(to: folder.appending(path: "paper.tex"), atomically: true, encoding: .utf8)
      try report.text(.latex, options: ReportOptions(figureBase: "report")).write(
        to: folder.appending(path: "report.tex"), atomically: true, encoding: .utf8)
      let (status, said) = try PaperTools.run(
        pdflatex, ["-interaction=nonstopmode", "-halt-on-error", "paper.tex"], in: folder)
      #expect(status == 0, "\(said.suffix(600))")
    }
  }
}
