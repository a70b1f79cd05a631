internal import CommandLineTools
internal import FileFormats
internal import Foundation
internal import Paillier

/// Reads what the arguments of the commands about Paillier name; every mistake is told with the
/// place it was made at, and no secret is.
struct PaillierReader {
  /// The flag that takes keys of any size.
  static let insecure = Parameter.flag(
    "insecure", "Take a key of fewer than 2048 bits, which can be factored.")
  /// Where results go.
  static let output = Parameter.option(
    "output", "FILE", "Where to write the result (default: standard output).", kind: .file)

  private let arguments: ParsedArguments
  /// The argument that has taken standard input.
  private var standardInput: String?

  init(_ arguments: ParsedArguments) { self.arguments = arguments }

  private var allowsInsecureSize: Bool { arguments.flag("insecure") }

  /// The public key in the file that the argument `name` names.
  mutating func publicKey(_ name: String = "PUBLIC") throws -> PaillierPublicKey {
    let (text, place) = try read(name)
    return try Self.blaming(place) { () throws(PaillierError) in
      try PaillierFiles.publicKey(text, allowsInsecureSize: allowsInsecureSize)
    }
  }

  /// The private key in the file that the argument `name` names.
  mutating func privateKey(_ name: String = "PRIVATE") throws -> PaillierPrivateKey {
    let (text, place) = try read(name)
    return try Self.blaming(place) { () throws(PaillierError) in
      try PaillierFiles.privateKey(text, allowsInsecureSize: allowsInsecureSize)
    }
  }

  /// The text of the public key in a private key's file.
  mutating func publicText(in name: String) throws -> String {
    let (text, place) = try read(name)
    return try Self.blaming(place) { () throws(PaillierError) in
      try PaillierFiles.publicText(ofPrivateKey: text, allowsInsecureSize: allowsInsecureSize)
    }
  }

  /// The number under encryption in the file that the argument `name` names.
  mutating func number(
    _ name: String, key: PaillierPublicKey
  ) throws -> EncryptedNumber<Ciphertext> {
    let (text, place) = try read(name)
    return try Self.blaming(place) { () throws(PaillierError) in
      try PaillierFiles.encryptedNumber(text, key: key)
    }
  }

  /// The plain number, which may be a secret and stands in no message.
  func value() throws(UserError) -> Double {
    guard let value = PythonNumber.value(of: arguments.positional("PLAINTEXT") ?? "") else {
      throw UserError("PLAINTEXT is not a number; write for example 2.5, or -- -1e-3")
    }
    return value
  }

  /// Runs `body`; what is wrong with a key, a number or a text is the user's mistake at `place`.
  static func blaming<Result>(
    _ place: String, _ body: () throws(PaillierError) -> Result
  ) throws -> Result {
    do throws(PaillierError) {
      return try body()
    } catch {
      switch error {
      case .randomness: throw error
      case .insecureSize(let bits, let minimum):
        throw UserError(
          "\(place): a modulus of \(bits) bits can be factored; take one of at least \(minimum), "
            + "or --insecure for tests")
      default: throw UserError("\(place): \(oneLine("\(error)"))")
      }
    }
  }

  /// Without control characters: messages quote keys of JSON, which are anybody's.
  private static func oneLine(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  /// The bytes of a file, and what to call it; hardly more are read than a key can have.
  private mutating func read(_ name: String) throws(UserError) -> (text: [UInt8], place: String) {
    let path = arguments.positional(name) ?? "-"
    let isStandardInput = path == "-"
    let place = isStandardInput ? "standard input" : path
    if isStandardInput {
      if let standardInput {
        throw UserError(
          "\(name): standard input is read once, for \(standardInput); name a file instead of -")
      }
      standardInput = name
    }
    do {
      let handle =
        isStandardInput
        ? FileHandle.standardInput
        : try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      var bytes: [UInt8] = []
      while bytes.count <= PaillierFiles.mostBytes,
        let more = try handle.read(upToCount: PaillierFiles.mostBytes + 1 - bytes.count),
        !more.isEmpty
      {
        bytes += more
      }
      return (bytes, place)
    } catch {
      throw UserError("'\(place)' cannot be read: \(Self.reason(error))")
    }
  }

  /// Whether the file at `path` begins like one of this kind of keys.
  static func holdsKey(_ path: String) -> Bool {
    let handle = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    let start = try? handle?.read(upToCount: PaillierFiles.mostBytes)
    return start?.range(of: Data("\"DAJ\"".utf8)) != nil
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? CocoaError else { return error.localizedDescription }
    switch error.code {
    case .fileReadNoSuchFile, .fileNoSuchFile: return "there is no such file"
    case .fileReadNoPermission: return "no permission"
    default:
      let cause = error.underlying ?? error
      return (cause as NSError).localizedDescription
        .replacingOccurrences(of: "The operation could not be completed. ", with: "")
    }
  }
}
