internal import CommandLineTools
internal import Components
internal import Experiments
internal import Foundation

/// A new component's source and test, made from a template.
struct Scaffold {
  /// What is made, and where it goes.
  struct Kind: Sendable {
    let word: String
    let folder: String
    let tests: String
  }

  let kind: Kind
  let name: String
  let typeName: String
  private let root: String

  /// A component `name` in the checkout that `root` is, or is inside of.
  ///
  /// - Throws: `UserError` when the name is not in kebab case or taken, or `root` is no checkout.
  init(_ kind: Kind, name: String, root: String) throws(UserError) {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    let isKebab =
      name.first?.isLetter == true
      && parts.allSatisfy { part in
        !part.isEmpty
          && part.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
      }
    guard isKebab else {
      throw UserError(
        "'\(name)' is not a name in kebab case: lower-case letters and digits in words joined by "
          + "'-', such as my-rule")
    }
    if Catalogue.standard.type(named: name, role: Role(rawValue: kind.word)) != nil {
      throw UserError("the name '\(name)' is taken by another \(kind.word); choose another")
    }
    self.kind = kind
    self.name = name
    typeName = parts.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    self.root = try Self.checkout(from: root)
  }

  /// Writes both files; neither may exist.
  func write() throws(UserError) -> [String] {
    let files = [
      ("\(kind.folder)/\(typeName).swift", source),
      ("Tests/\(kind.tests)/\(typeName)Tests.swift", test),
    ]
    for (path, _) in files where FileManager.default.fileExists(atPath: "\(root)/\(path)") {
      throw UserError("'\(path)' exists already; choose another name or remove it")
    }
    for (path, text) in files {
      let folder = URL(fileURLWithPath: "\(root)/\(path)").deletingLastPathComponent()
      try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try TextFile.write(text, to: "\(root)/\(path)")
    }
    return files.map(\.0)
  }

  private static func checkout(from folder: String) throws(UserError) -> String {
    var folder = URL(fileURLWithPath: folder).standardizedFileURL
    while folder.path != "/" {
      let manifest = folder.appendingPathComponent("Package.swift").path
      let catalogue = folder.appendingPathComponent("defenses/Catalogue.swift").path
      if FileManager.default.fileExists(atPath: manifest),
        FileManager.default.fileExists(atPath: catalogue)
      {
        return folder.path
      }
      folder.deleteLastPathComponent()
    }
    throw UserError(
      "this is no checkout of rampart (no Package.swift with defenses/Catalogue.swift here or "
        + "above); change to one")
  }

  private func fill(_ template: String) -> String {
    template.replacing("NAME", with: name).replacing("TYPE", with: typeName)
  }

  private var source: String {
    fill(kind.word == "defense" ? Self.defenseTemplate : Self.attackTemplate)
  }

  private var test: String {
    fill(kind.word == "defense" ? Self.defenseTestTemplate : Self.attackTestTemplate)
  }
}
