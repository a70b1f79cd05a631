import Accounting
import Components
import Experiments
import Federation
import Foundation
import Reports
import Testing

/// What a frontier in JSON says.
private struct FrontierJSON: Decodable {
  struct Point: Decodable {
    var label: String
    var figure: JSONCell.Estimate?
    var accuracy: JSONCell.Estimate
    var standing: String
  }
  var title: String
  var figure: String
  var points: [Point]
}

private struct FrontiersJSON: Decodable { var frontiers: [FrontierJSON] }

@Suite("Frontiers")
struct FrontierTests {
  /// Defenses that promise and were audited: by label accuracy, epsilon promised and audited.
  private static let promises: [String: (accuracy: Double, upper: Double?, lower: Double)] = [
    "mean": (0.95, nil, 9), "dp(1)": (0.60, 1, 0.4), "dp(2)": (0.55, 2, 0.9),
    "dp(8)": (0.90, 8, 2.5), "dp(9)": (0.898, 9, 2),
  ]

  /// `promises` as results; the seeds' jitter is the same for all.
  private static func results(seeds: [UInt64] = [1, 2, 3, 4, 5]) -> MatrixResults {
    var matrix = SyntheticMatrix(
      attacks: ["none"], defenses: ["mean", "dp(1)", "dp(2)", "dp(8)", "dp(9)"], seeds: seeds,
      accuracy: { _, defense, _, seed in
        (promises[defense]?.accuracy ?? 0) + SyntheticMatrix.jitter[seed]
      })
    matrix.rounds = 2
    let rows = matrix.results.rows.map { row in
      var row = row
      guard let label = row.description.labels["defense"], let promise = promises[label] else {
        return row
      }
      row.metrics?.privacy = PrivacyEvidence(
        mechanism: label == "mean" ? "none" : "local-dp", trust: .local, unit: .client,
        adjacency: .zeroOut, delta: 1e-5, epsilonUpper: promise.upper,
        audit: .init(
          epsilonLower: promise.lower + Double(row.seed) / 100, gaussianEpsilonLower: promise.lower,
          significance: 0.05, canaries: 100, guesses: 20, correct: 15, falsePositiveRate: 0.1,
          truePositiveRate: 0.3, truePositiveRateCap: nil))
      return row
    }
    return MatrixResults(
      name: "frontier", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"])
  }

  private static func frontiers(_ results: MatrixResults) throws -> [FrontierJSON] {
    try JSONDecoder().decode(
      FrontiersJSON.self, from: Data(Report(results).text(.json).utf8)
    ).frontiers
  }

  /// Quadratic and by the definition alone: less of the figure and more accuracy.
  private static func optimal(_ points: [FrontierJSON.Point]) -> Set<String> {
    let places = points.map { ($0.label, $0.figure?.mean ?? .infinity, $0.accuracy.mean) }
    return Set(
      places.filter { own in
        !places.contains { other in
          other.1 <= own.1 && other.2 >= own.2 && (other.1 < own.1 || other.2 > own.2)
        }
      }.map(\.0))
  }

  @Test("Pareto-optimal is what no other point beats, promises as well as audits")
  func pareto() throws {
    let frontiers = try Self.frontiers(Self.results())
    let accounted = try #require(frontiers.first { $0.figure == "accounted epsilon" })
    #expect(
      Set(accounted.points.filter { $0.standing == "Pareto-optimal" }.map(\.label))
        == ["dp(1)", "dp(8)", "mean"])
    // Two epsilon more for five points less, intervals of 1.0 apart: dominated. A fifth of a point
    // less is not told apart from dp(8).
    #expect(accounted.points.first { $0.label == "dp(2)" }?.standing == "dominated")
    #expect(accounted.points.first { $0.label == "dp(9)" }?.standing == "within the intervals")
    #expect(accounted.points.last?.label == "mean" && accounted.points.last?.figure == nil)
    for frontier in frontiers {
      let marked = frontier.points.filter { $0.standing == "Pareto-optimal" }.map(\.label)
      #expect(Set(marked) == Self.optimal(frontier.points), "\(frontier.title)")
    }
    let audited = try #require(frontiers.first { $0.figure == "audited epsilon, at least" })
    #expect(audited.points.map(\.label) == ["dp(1)", "dp(2)", "dp(9)", "dp(8)", "mean"])
    let first = try #require(audited.points.first?.figure)
    #expect(abs(first.mean - 0.43) < 1e-12 && first.count == 5)
  }

  @Test("the typical matrix: optimal by hand against the worst attack that counts, void ones aside")
  func attackLoss() throws {
    let frontier = try #require(
      try Self.frontiers(SyntheticMatrix.typical.results).first {
        $0.figure == "accuracy lost to the worst attack, points"
      })
    #expect(
      Set(frontier.points.filter { $0.standing == "Pareto-optimal" }.map(\.label)) == [
        "nnm+trimmed-mean", "clipping+mean", "mean",
      ])
  }

  @Test("figures under an attack are of cells that count, and non-adaptive ones are never optimal")
  func observed() throws {
    func results(adaptive: Bool, control: Double) throws -> [FrontierJSON.Point]? {
      var matrix = SyntheticMatrix(
        attacks: ["none", "reader"], defenses: ["mean", "noise"],
        accuracy: { _, _, _, seed in 0.9 + SyntheticMatrix.jitter[seed] })
      matrix.rounds = 2
      let made = matrix.results
      let rows = made.rows.map { row in
        var row = row
        guard row.description.labels["attack"] == "reader" else { return row }
        row.description.controlMeasure = .figure("gain")
        row.description.controlMinimum = 3
        let isBare = row.description.labels["defense"] == "mean"
        row.metrics?.conclusions = ["gain": isBare ? control : 1, "TPR at FPR 1%": 0.2]
        if !isBare { row.metrics?.adaptivity = .init(wasRun: adaptive, gaps: []) }
        return row
      }
      return try Self.frontiers(
        MatrixResults(name: "x", folder: "x", rows: rows, versions: ["1"], blasCores: ["x"])
      ).first { $0.figure == "gain" }?.points
    }
    let known = try #require(try results(adaptive: true, control: 20))
    #expect(known.first { $0.label == "noise" }?.standing == "Pareto-optimal")
    let unknown = try #require(try results(adaptive: false, control: 20))
    #expect(unknown.first { $0.label == "noise" }?.standing == "non-adaptive only")
    #expect(unknown.first { $0.label == "mean" }?.standing == "Pareto-optimal")
    #expect(try results(adaptive: true, control: 1) == nil)
  }

  @Test("the page draws every point, names the optimal ones, and has the same as a table")
  func page() throws {
    let html = Report(Self.results()).text(.html)
    let page = try PageReader(html)
    let spots = page.values("class").filter { $0.hasPrefix("spot ") }
    // Five of the key, and five in each of the three charts: accounted, audited, canaries.
    #expect(spots.count == 5 + 3 * 5)
    let named = html.matches(of: #/<text class="named"[^>]*>([^<]*)</#).map { String($0.1) }
    #expect(Set(["dp(1)", "dp(8)", "mean"]).isSubset(of: named))
    #expect(html.contains("without bound"))
    // Nothing is drawn outside.
    for match in html.matches(of: #/class="spot [a-z]+" d="M(-?[0-9.]+) (-?[0-9.]+)m/#) {
      let (x, y) = (Double(match.1) ?? -1, Double(match.2) ?? -1)
      #expect((6...420).contains(x) && (6...300).contains(y))
    }
  }

  @Test("names keep the parameters that tell points apart, and no others")
  func shortNames() {
    var matrix = SyntheticMatrix(
      attacks: ["none", "attack"],
      defenses: ["mean", "dp(n=4, eps=1)", "dp(n=4, eps=2)", "a(x=1)+b(y=[1, 2], z=3)", "c(q=1)"],
      accuracy: { attack, defense, _, seed in
        (attack == "none" ? 0.9 : 0.3) + SyntheticMatrix.jitter[seed] + Double(defense.count) / 1000
      })
    matrix.rounds = 2
    let data = Report(matrix.results).figures.first?.data ?? ""
    for name in ["dp(eps=1)", "dp(eps=2)", "a(x=1)+b(y=[1, 2], z=3)", "c(q=1)"] {
      #expect(data.contains("\"\(name)\" "))
    }
  }

  @Test("with one seed there are points without whiskers, and nothing fails")
  func oneSeed() throws {
    let html = Report(Self.results(seeds: [7])).text(.html)
    #expect(html.contains("id=\"frontiers\"") && html.contains("There is one seed only"))
  }

  @Test("a frontier by itself names every point, in colours written out for light and dark")
  func picture() throws {
    let report = Report(Self.results())
    let picture = try #require(report.frontierPicture(1))
    #expect(report.frontierTitles.count == 3 && report.frontierPicture(4) == nil)
    #expect(report.frontierPicture(0) == nil)
    #expect(picture.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width="))
    #expect(!picture.contains("var(") && !picture.contains("class=\"n\""))
    #expect(picture.contains("@media (prefers-color-scheme:dark)"))
    #expect(picture.contains(".paper{fill:#fdfcfa}") && picture.contains(".paper{fill:#15171a}"))
    // Optimal by hand: 1, 8 and no promise at all; 2 is worse than 1 in both, 9 than 8.
    for (name, isOptimal) in [
      ("mean", true), ("dp(1)", true), ("dp(2)", false), ("dp(8)", true), ("dp(9)", false),
    ] {
      let named = picture.contains(">\(name)</text>")
      let listed = picture.matches(of: #/> ?(\d) +([a-z]+(\(\d\))?): \d/#).contains { $0.2 == name }
      #expect(named != listed, "\(name)")
      #expect(named == isOptimal, "\(name)")
    }
    #expect(picture.contains("dp(9): 89.8%, 9.00"))
    let hostile = try #require(Report(SyntheticMatrix.hostile.results).frontierPicture(1))
    #expect(!hostile.contains("<script") && !hostile.contains("</td>"))
  }

  @Test("a frontier by itself cuts no text, and no text runs out of it")
  func whole() throws {
    var long = SyntheticMatrix.wide
    long.defenses[3] += String(repeating: "-and-another", count: 12)
    long.settings[1][.model] = "mlp(hidden=[\(String(repeating: "200, ", count: 30))200])"
    var heights: Set<Int> = []
    for results in [Self.results(), SyntheticMatrix.hostile.results, long.results] {
      let report = Report(results)
      for (number, title) in report.frontierTitles.enumerated() {
        let picture = try #require(report.frontierPicture(number + 1))
        #expect(!picture.contains("…"))
        let box = try #require(picture.firstMatch(of: #/viewBox="0 -(\d+) (\d+) (\d+)"/#))
        let (top, width, height) = try (
          #require(Double(box.1)), #require(Double(box.2)), #require(Double(box.3))
        )
        var (heading, texts): ([String], Int) = ([], 0)
        for text in picture.matches(
          of: #/<text( class="named")? x="([-.\d]+)" y="([-.\d]+)"([^>]*)>([^<]*)<\/text>/#)
        {
          let words = [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
          ]
          .reduce(String(text.5)) { $0.replacing($1.0, with: $1.1) }
          let (x, y) = (try #require(Double(text.2)), try #require(Double(text.3)))
          if text.1 != nil, y < 0 { heading.append(words) }
          texts += 1
          #expect(y > 8 - top && y < height - top, "\(words)")
          if text.4.contains("end") { continue }
          // Eleven pixels high: letters are about six wide, bold ones seven.
          let reach = Double(words.count) * (text.1 == nil ? 6 : 6.9)
          let isCentred = text.4.contains("middle")
          #expect(x - (isCentred ? reach / 2 : 0) >= 0, "\(words)")
          #expect(x + (isCentred ? reach / 2 : reach) <= width, "\(words)")
        }
        #expect(heading.joined().filter { $0 != " " } == title.filter { $0 != " " && $0 != "\n" })
        #expect(texts > 8)
        heights.insert(heading.count)
      }
    }
    #expect(heights.contains(1) && heights.contains { $0 > 2 }, "\(heights)")
  }

  @Test("the publication figure has every point, its script runs nothing that a name says")
  func figures() throws {
    let figures = Report(Self.results()).figures.filter { $0.kind == .frontier }
    #expect(figures.count == 3)
    let figure = try #require(figures.first)
    let rows = figure.data.split(separator: "\n").filter { $0.hasPrefix("\"dp(") }
    #expect(rows.count == 4 && figure.data.contains("\"dp(8)\" 8.0 8.0 8.0 90.0 "))
    let hostile = Report(SyntheticMatrix.hostile.results).figures
    for figure in figures + hostile {
      let script = figure.script("a'b`c")
      #expect(!script.contains("`") && !figure.data.contains("`"))
      #expect(!script.contains("\"") && script.contains("set output 'a''b''c.pdf'"))
    }
    let latex = Report(Self.results()).text(.latex, options: ReportOptions(figureBase: "paper"))
    #expect(latex.contains("\\includegraphics{paper-frontier-1.pdf}"))
    #expect(!Report(Self.results()).text(.latex).contains("includegraphics"))
  }
}
