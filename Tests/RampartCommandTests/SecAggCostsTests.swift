import Foundation
import TestSupport
import Testing

@Suite("rampart secagg costs")
struct SecAggCostsTests {
  struct Answer: Decodable {
    struct Cell: Decodable {
      var `protocol`: String
      var clients: Int
      var dimension: Int
      var proverSeconds: Double?
      var verifierSeconds: Double?
      var serverSeconds: Double?
      var bytesUp: Int?
      var bytesDown: Int?
      var exact: Bool?
      var leftOut: String?
    }
    var cells: [Cell]
  }

  private func run(_ line: String) throws -> (status: Int32, output: String, errors: String) {
    let rampart = try Program()
    defer { rampart.remove() }
    let words = ["secagg", "costs"] + line.split(separator: " ").map(String.init)
    let result = try rampart.run(words, input: Data())
    return (result.status, String(decoding: result.output, as: UTF8.self), result.errors)
  }

  private func answer(_ line: String) throws -> Answer {
    let result = try run(line + " --json")
    #expect(result.status == 0, "\(result.errors)")
    return try JSONDecoder().decode(Answer.self, from: Data(result.output.utf8))
  }

  @Test("Both curves are measured from the cell that they share, with the bytes of the formats")
  func curves() throws {
    let found = try answer(
      "--protocol verifynet-per-vector,verifl,committed --clients 4,3,6 --dimension 5,20 --jobs 1")
    let sizes = [(4, 5), (4, 20), (3, 5), (6, 5)]
    #expect(found.cells.map(\.clients) == [Int](repeatElement(sizes.map(\.0), count: 3).joined()))
    #expect(found.cells.map(\.dimension) == [Int](repeatElement(sizes.map(\.1), count: 3).joined()))
    for cell in found.cells {
      #expect(cell.exact == true && cell.leftOut == nil)
      #expect(try #require(cell.proverSeconds) > 0 && #require(cell.verifierSeconds) > 0)
      #expect(try #require(cell.serverSeconds) > 0 && #require(cell.bytesDown) > 0)
    }
    #expect(found.cells.prefix(4).map(\.bytesUp) == [437, 437, 437, 437])
  }

  @Test("A cell that would take too long is left out and says so, never made up")
  func limit() throws {
    let line = "--protocol verifynet-per-vector --clients 3 --dimension 2,2000 --limit 0"
    let cells = try answer(line).cells
    #expect(cells.map { $0.leftOut == nil } == [true, false])
    #expect(cells[1].proverSeconds == nil && cells[1].bytesUp == nil && cells[1].exact == nil)
    let text = try run(line)
    #expect(text.output.contains("d = 2000: left out: it would take about"), "\(text.output)")
  }

  @Test("The drawing has eight panels with a dot for each measured cell, and is well formed")
  func drawing() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "costs-\(UUID()).svg")
    defer { try? FileManager.default.removeItem(at: file) }
    let path = file.path(percentEncoded: false)
    let text = try run(
      "--protocol committed,verifl --clients 3,4 --dimension 2,4,8 --repeats 2 --svg \(path)")
    #expect(text.status == 0 && text.output.contains("medians of 2 runs"))
    let svg = try String(contentsOf: file, encoding: .utf8)
    #expect(svg.components(separatedBy: "<svg ").count == 1 + 1 + 8)
    // Two protocols, four figures, three dimensions and two numbers of clients.
    #expect(svg.components(separatedBy: "<circle ").count == 1 + 2 * 4 * (3 + 2))
    let tags = ["svg", "text", "title"]
    for tag in tags {
      let (open, closed) = ("<\(tag)", "</\(tag)>")
      #expect(
        svg.components(separatedBy: open).count == svg.components(separatedBy: closed).count)
    }
  }

  @Test("Wrong input says what would work")
  func wrongInput() throws {
    for (line, words) in [
      ("--protocol secagg", "'secagg' is no protocol whose sums clients check; committed"),
      ("--protocol committed,", "'' is no protocol"),
      ("--clients 1", "--clients"), ("--clients 5;6", "write them as 1,2,3"),
      ("--dimension 0", "--dimension"), ("--limit x", "--limit"), ("--repeats 0", "--repeats"),
      ("--dropout 0.9", "--dropout"), ("--jobs 0", "--jobs"), ("--bits 40", "--bits"),
    ] {
      let result = try run(line)
      #expect(result.status == 2 && result.output.isEmpty, "\(line)")
      #expect(result.errors.contains(words), "\(line): \(result.errors)")
    }
  }
}
