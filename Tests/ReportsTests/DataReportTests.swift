import CommandLineTools
import Experiments
import Foundation
import FoundationXML
import Reports
import Testing

@Suite("Reports on data")
struct DataReportTests {
  private static func report(_ partition: String, data: String = "digits") throws -> DataReport {
    let text = "data: \(data)\npartition: \(partition)"
    return DataReport(try DataSurvey(try Experiment.parse(text, file: "e.yaml"), seed: 3))
  }

  @Test(
    "no line is wider than the terminal, however many clients and however long their numbers",
    arguments: [40, 60, 80, 137], ["{iid: {clients: 3}}", "{iid: {clients: 1000}}"])
  func width(width: Int, partition: String) throws {
    let text = try Self.report(partition).text(.text, options: ReportOptions(width: width))
    let lines = text.split(separator: "\n")
    let digest = lines.filter { $0.contains(/[0-9a-f]{20}/) }
    for line in lines where !digest.contains(line) {
      #expect(line.displayWidth <= width, "\(line)")
    }
    #expect(text.hasSuffix("\n") && !text.contains("\u{1B}"))
  }

  @Test("of a thousand clients forty are drawn and the rest is counted")
  func fold() throws {
    let text = try Self.report("{iid: {clients: 1000}}").text(.text)
    let rows = text.split(separator: "\n").filter {
      $0.contains(/^ +[0-9]+ +[0-9]+ +[0-9]\.[0-9]{2}/)
    }
    #expect(rows.count == 40)
    #expect(text.contains("... and 960 more"))
    let distances = rows.compactMap { Double($0.split(separator: " ")[2]) }
    #expect(distances == distances.sorted() && Set(distances).count > 3)
  }

  @Test("a client of one class has one full block, colours only where they are wanted")
  func picture() throws {
    let report = try Self.report("{shards: {clients: 10, shards-per-client: 1}}")
    let plain = report.text(.text, options: ReportOptions(width: 100))
    let rows = plain.split(separator: "\n").filter {
      $0.contains(/^ +[0-9]+ +[0-9]+ +[0-9]\.[0-9]{2}/)
    }
    #expect(rows.count == 10)
    #expect(rows.allSatisfy { $0.contains("██") })
    let coloured = report.text(.text, options: ReportOptions(width: 100, usesColour: true))
    #expect(coloured.contains("\u{1B}[1;31m██\u{1B}[0m"))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
  }

  /// Counts elements; complains as strictly as XML does.
  private final class Elements: NSObject, XMLParserDelegate {
    var names: [String: Int] = [:]
    var outside: [String] = []
    var (width, height) = (0.0, 0.0)

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
      qualifiedName: String?, attributes: [String: String]
    ) {
      names[name, default: 0] += 1
      if name == "svg" {
        width = Double(attributes["width"] ?? "") ?? 0
        height = Double(attributes["height"] ?? "") ?? 0
      }
      for (key, limit) in [("x", width), ("y", height)] {
        guard let value = attributes[key] else { continue }
        guard let place = Double(value), place >= 0, place <= limit else {
          outside.append("\(name) \(key)=\(value)")
          continue
        }
      }
    }
  }

  @Test(
    "the figure is XML, stays within its bounds, and draws a cell for each share that is not zero",
    arguments: [
      "{iid: {clients: 12}}", "[iid, {dirichlet: {clients: 150, alpha: 1, minimum-size: 1}}]",
    ])
  func figure(partition: String) throws {
    let report = try Self.report(partition)
    let svg = try #require(report.figure())
    let elements = Elements()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = elements
    #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
    #expect(elements.outside == [])
    #expect(elements.names["svg"] == 1 && elements.names["script"] == nil)
    let divisions = report.survey.entries.flatMap(\.divisions)
    #expect(elements.names["g"] == divisions.count)
    if divisions.count == 1 {
      let rows = report.text(.csv).split(separator: "\n").dropFirst()
      let cells = rows.flatMap { $0.split(separator: ",").suffix(10) }.count { $0 != "0" }
      // Besides the cells: background, frame, a bar a client, 21 steps of the scale and its frame.
      #expect(elements.names["rect"] == cells + 2 + 12 + 22)
    }
  }

  @Test("names of data that mean something to XML are texts in the figure")
  func escaped() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "a<b&c\"\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let rows = (0..<20).map { "\($0),\($0 % 2)\n" }.joined()
    try rows.write(to: folder.appending(path: "t.csv"), atomically: true, encoding: .utf8)
    let path = folder.appending(path: "t.csv").path.replacing("\"", with: "\\\"")
    let report = try Self.report("{iid: {clients: 2}}", data: "{csv: {train: \"\(path)\"}}")
    let svg = try #require(report.figure())
    #expect(XMLParser(data: Data(svg.utf8)).parse())
    #expect(svg.contains("a&lt;b&amp;c"))
  }
}
