import Experiments
import Foundation
import Reports
import TestSupport
import Testing

@Suite("HTML report")
struct HTMLTests {
  @Test("the page is well formed and names nothing twice", arguments: SampleReport.allCases)
  func wellFormed(_ sample: SampleReport) throws {
    let page = try PageReader(Report(sample.results).text(.html))
    let ids = page.values("id")
    #expect(Set(ids).count == ids.count)
    let known = Set(ids)
    for target in page.values("href") {
      #expect(target.hasPrefix("#") && known.contains(String(target.dropFirst())), "\(target)")
    }
    for reference in page.values("aria-labelledby").flatMap({ $0.split(separator: " ") }) {
      #expect(known.contains(String(reference)))
    }
  }

  @Test("the page asks for nothing and runs nothing", arguments: SampleReport.allCases)
  func selfContained(_ sample: SampleReport) throws {
    let html = Report(sample.results).text(.html)
    let page = try PageReader(html)
    let names = Set(page.elements.map(\.name))
    #expect(names.isDisjoint(with: ["script", "link", "img", "iframe", "object", "base", "form"]))
    #expect(page.values("src").isEmpty)
    #expect(!page.elements.contains { $0.attributes.keys.contains { $0.hasPrefix("on") } })
    #expect(!html.contains("url(") && !html.contains("@import") && !html.contains("http:"))
  }

  @Test(
    "headings never skip a level and tables say what heads what", arguments: SampleReport.allCases)
  func structure(_ sample: SampleReport) throws {
    let page = try PageReader(Report(sample.results).text(.html))
    var level = 0
    // The first is h1, since nothing stands above it.
    for element in page.elements {
      guard let match = element.name.wholeMatch(of: #/h([1-6])/#), let next = Int(match.1) else {
        continue
      }
      #expect(next <= level + 1)
      level = next
    }
    #expect(page.elements.count { $0.name == "h1" } == 1)
    let heads = page.elements.filter { $0.name == "th" }
    #expect(heads.allSatisfy { ["row", "col"].contains($0.attributes["scope"]) })
    #expect(
      page.elements.count { $0.name == "table" } == page.elements.count { $0.name == "caption" })
    for svg in page.elements where svg.name == "svg" {
      #expect(svg.attributes["role"] == "img" || svg.attributes["aria-hidden"] == "true")
    }
  }

  @Test("labels that look like source are shown, not obeyed")
  func escaping() {
    let html = Report(SampleReport.hostile.results).text(.html)
    #expect(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; 100%"))
    #expect(html.contains("&lt;img src=x onerror=alert(1)&gt;"))
    #expect(html.contains("then &amp; &lt;b&gt;stopped&lt;/b&gt;"))
    #expect(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>stopped"))
  }

  @Test("nothing of the page itself is escaped twice")
  func notTwice() {
    for sample in [SampleReport.everyCell, .typical, .fewSeeds, .wide] {
      let html = Report(sample.results).text(.html)
      #expect(!html.contains("&lt;") && !html.contains("&amp;"))
    }
  }

  /// The named colours of light, dark and paper.
  private static func themes(_ html: String) -> [[String: String]] {
    html.matches(of: #/:root\{([^}]*)\}/#).map { theme in
      Dictionary(
        theme.1.matches(of: #/--([a-z0-9]+):(#[0-9a-f]{6})/#).map { (String($0.1), String($0.2)) },
        uniquingKeysWith: { $1 })
    }
  }

  @Test(
    "each text stands on a background that it can be read on, in both themes",
    arguments: SampleReport.allCases)
  func readable(_ sample: SampleReport) throws {
    let html = Report(sample.results).text(.html)
    let sheet = try #require(html.firstMatch(of: #/<style>([^<]*)</style>/#)).1
    let pairs = try PageColours(PageReader(html), sheet: String(sheet)).pairs()
    let themes = Self.themes(html)
    #expect(themes.count == 3)
    for theme in themes {
      for pair in pairs {
        let front = try #require(theme[pair.front], "\(pair)")
        let back = try #require(theme[pair.back], "\(pair)")
        #expect(try Self.contrast(front, back) >= 4.5, "\(pair)")
      }
    }
    #expect(pairs.contains(.init(front: "ink", back: "paper")))
    if sample == .everyCell {
      // Not blind to what stands in cells, in hatched ones too, and in words of success and failure.
      for (front, back) in [
        ("ink", "h0"), ("ink", "h7"), ("quiet", "panel"), ("quiet", "paper"), ("bad", "paper"),
        ("link", "paper"),
      ] {
        #expect(pairs.contains(.init(front: front, back: back)), "\(front) on \(back)")
      }
    }
  }

  @Test("text is readable on every colour in both themes")
  func contrast() throws {
    let themes = Self.themes(Report(SampleReport.typical.results).text(.html))
    #expect(themes.count == 3)
    for theme in themes {
      func ratio(_ front: String, _ back: String) throws -> Double {
        try Self.contrast(try #require(theme[front]), try #require(theme[back]))
      }
      for step in 0...7 { #expect(try ratio("ink", "h\(step)") >= 4.5) }
      for back in ["paper", "panel"] {
        for front in ["ink", "quiet", "link", "good", "bad"] {
          #expect(try ratio(front, back) >= 4.5, "\(front) on \(back)")
        }
      }
      // Graphics need 3 to 1 (WCAG 2.2, 1.4.11).
      for line in 0...8 { #expect(try ratio("c\(line)", "paper") >= 3) }
    }
  }

  /// The contrast ratio of WCAG 2.2.
  static func contrast(_ first: String, _ second: String) throws -> Double {
    func luminance(_ colour: String) throws -> Double {
      let value = try #require(Int(colour.dropFirst(), radix: 16))
      let channels = [16, 8, 0].map { shift -> Double in
        let channel = Double((value >> shift) & 255) / 255
        return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
    let bounds = [try luminance(first), try luminance(second)].sorted()
    return (bounds[1] + 0.05) / (bounds[0] + 0.05)
  }

  @Test("a defense that ruins the model is not coloured as if it protected it")
  func ruinousDefense() throws {
    let matrix = SyntheticMatrix(
      attacks: ["none", "attack"], defenses: ["mean", "ruin"],
      accuracy: { attack, defense, _, seed in
        let mean = defense == "ruin" ? 0.65 : attack == "none" ? 0.9 : 0.2
        return mean + SyntheticMatrix.jitter[seed]
      })
    let html = Report(matrix.results).text(.html)
    // 25 points below the undefended clean model, attacked or not; 70 for the undefended one.
    #expect(html.contains("<td class=\"h5\"><a href=\"#cell-1\">"))
    #expect(html.contains("<td class=\"h5\"><a href=\"#cell-3\">"))
    #expect(html.contains("<td class=\"h7\"><a href=\"#cell-2\">"))
    #expect(
      html.contains(
        "<code>ruin</code> (which itself costs <span class=\"n\">25.0 ± 0.0</span> points) held"))
  }

  @Test("a thousand cells take seconds and megabytes", .enabled(if: isOptimizedBuild))
  func large() {
    var matrix = SyntheticMatrix.wide
    matrix.settings = (1...9).map { [.partition: "iid(clients=\($0))"] }
    matrix.rounds = 100
    let report = Report(matrix.results)
    #expect(report.results.cells.count == 990)
    let clock = ContinuousClock()
    var bytes = 0
    let time = clock.measure { bytes = report.text(.html).utf8.count }
    print("\(report.results.cells.count) cells: \(time), \(bytes) bytes of HTML")
    #expect(time < .seconds(5))
    #expect(bytes < 20_000_000)
  }

  @Test("the first screen says what the figures say")
  func findings() {
    let html = Report(SampleReport.typical.results).text(.html)
    #expect(html.contains("4 attacks against 5 defenses"))
    #expect(html.contains("150 runs, all finished"))
    #expect(html.contains("Every defense broke under at least one attack."))
    #expect(html.contains("<code>ipm</code> is <strong>void</strong>"))
    #expect(
      html.contains(
        "The highest worst case is <span class=\"n\">84.2 ± 1.0</span>%, by "
          + "<code>nnm+trimmed-mean</code> under <code>alie</code>"))
  }
}
