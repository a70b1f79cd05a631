import CommandLineTools
import Foundation
import RampartCommand
import TestSupport
import Testing

/// What the files at the root of the checkout say of the program, beside the program.
@Suite("The checkout")
struct CheckoutTests {
  private func text(_ path: String) throws -> String {
    let root = testsDirectory.deletingLastPathComponent()
    return try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  @Test("the landing page of the library's pages lists every public module once, with a page each")
  func landingPage() throws {
    let exports = try text("Sources/Rampart/Rampart.swift")
      .matches(of: #/@_exported public import (\w+)/#).map { String($0.1) }
    #expect(exports.count > 10)
    let listed = try text("docs/Rampart.docc/Rampart.md")
      .matches(of: #/\n- ``\/(\w+)``/#).map { String($0.1) }
    #expect(listed.sorted() == exports.sorted())
    for module in exports {
      let page = try text("docs/Rampart.docc/\(module).md").split(separator: "\n")
      #expect(page.first == "# ``\(module)``")
      #expect(page.dropFirst().contains { !$0.isEmpty }, "\(module) has no sentence")
    }
  }

  @Test("links of the front page, the reference and the notebooks lead to files that are there")
  func links() throws {
    let root = testsDirectory.deletingLastPathComponent()
    var pages = ["README.md"]
    for folder in ["docs", "notebooks-text", "attacks", "defenses"] {
      pages += try FileManager.default.contentsOfDirectory(
        atPath: root.appending(path: folder).path
      )
      .filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }
    }
    var links = 0
    for page in pages {
      let folder = root.appending(path: page).deletingLastPathComponent()
      for link in try text(page).matches(of: #/\]\(([^)\s#]+)[^)\s]*\)/#) {
        if link.1.contains("://") { continue }
        links += 1
        let target = folder.appending(path: String(link.1)).standardizedFileURL.path
        #expect(FileManager.default.fileExists(atPath: target), "\(page) links \(link.1)")
      }
    }
    #expect(links > 40, "\(links)")
  }

  @Test("the citation file names this version and has what version 1.2.0 of its format asks for")
  func citation() throws {
    let fields = try text("CITATION.cff").matches(of: #/(?m)^([a-z-]+): *(.*)$/#)
      .map { (String($0.1), $0.2.trimmingCharacters(in: ["\""])) }
    let values = Dictionary(fields, uniquingKeysWith: { first, _ in "\(first), twice" })
    #expect(values["version"] == CommandSpec.rampartVersion)
    #expect(values["cff-version"] == "1.2.0")
    #expect(values["license"] == "Apache-2.0")
    #expect(values["type"] == "software")
    // Required by the schema, https://doi.org/10.5281/zenodo.5171937: these and the two above.
    for key in ["authors", "message", "title"] { #expect(values[key] != nil, "no \(key)") }
    let known: Set = [
      "abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi",
      "identifiers", "keywords", "license", "license-url", "message", "preferred-citation",
      "references", "repository", "repository-artifact", "repository-code", "title", "type", "url",
      "version",
    ]
    #expect(Set(values.keys).subtracting(known) == [])
  }
}
