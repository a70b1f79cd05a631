internal import CommandLineTools
internal import FileFormats
internal import Paillier

extension CommandSpec {
  /// `rampart paillier encrypt`.
  static let paillierEncrypt = CommandSpec(
    "encrypt",
    abstract: "Encrypt a number with a public key.",
    discussion: """
        rampart paillier encrypt PUB.json 12.5 --output C.json
        rampart paillier encrypt PUB.json --output C.json -- -12.5

      The number is read as a double. The result is a JSON object: "v" is the ciphertext, in decimal \
      digits, and "e" the power of 16 that the message stands times, which is public. It is -32, and \
      lower only for numbers that need that to stay exact, such as 1e-30: those tell how small they \
      are. A number whose message would be beyond a third of n is refused.

      \(exitStatus)
      """,
    parameters: [
      publicKey, plaintext, PaillierReader.output, PaillierReader.insecure,
    ]
  ) { arguments in
    let result = try PaillierResult(arguments)
    var reader = PaillierReader(arguments)
    let value = try reader.value()
    let key = try reader.publicKey()
    let number = try PaillierReader.blaming("PLAINTEXT") { () throws(PaillierError) in
      try key.encrypt(
        EncodedNumber(value, for: key, maxExponent: PaillierFiles.commandLineExponent))
    }
    try result.write(
      PaillierFiles.text(of: number), "encrypted", exponent: number.exponent, by: "\(key)")
    return .done
  }

  /// `rampart paillier decrypt`.
  static let paillierDecrypt = CommandSpec(
    "decrypt",
    abstract: "Decrypt a number with the private key.",
    discussion: """
        rampart paillier decrypt KEY.json C.json

      The number is printed as Python prints it: a whole number where the exponent is not negative, \
      otherwise the nearest double.

      A ciphertext does not say whose it is. One of another key is refused where it is no ciphertext \
      of this key, or where the number that comes out is none; with a key of 2048 bits or more that \
      leaves nothing to chance unless the exponent is far from -32.

      \(exitStatus)
      """,
    parameters: [
      .argument("PRIVATE", "The private key; - is standard input.", kind: .file),
      .argument("CIPHERTEXT", "The ciphertext; - is standard input.", kind: .file),
      PaillierReader.output, PaillierReader.insecure,
    ]
  ) { arguments in
    let result = try PaillierResult(arguments)
    var reader = PaillierReader(arguments)
    let key = try reader.privateKey()
    let number = try reader.number("CIPHERTEXT", key: key.publicKey)
    let plain: PlainNumber
    do throws(PaillierError) { plain = try key.decrypt(number) } catch {
      throw UserError("CIPHERTEXT: \(error); a sum became too large, or it is of another key")
    }
    try result.write(
      PythonNumber.text(of: plain), "decrypted", exponent: number.exponent, by: "\(key)")
    return .done
  }

  /// `rampart paillier add`.
  static let paillierAdd = CommandSpec(
    "add",
    abstract: "Add a plain number to an encrypted one.",
    discussion: """
        rampart paillier add PUB.json C.json 2.25 --output D.json
        rampart paillier add PUB.json C.json --output D.json -- -1

      \(freshness)

      \(exitStatus)
      """,
    parameters: [
      publicKey, encrypted("ENCRYPTED", "The encrypted number"), plaintext, PaillierReader.output,
      PaillierReader.insecure,
    ]
  ) { try computed($0, "added") { number, value throws(PaillierError) in try number + value } }

  /// `rampart paillier multiply`.
  static let paillierMultiply = CommandSpec(
    "multiply",
    abstract: "Multiply an encrypted number by a plain one.",
    discussion: """
        rampart paillier multiply PUB.json C.json 0.5 --output D.json

      The exponents of both add up: every product by a fraction lowers it, until numbers no longer \
      fit.

      \(freshness)

      \(exitStatus)
      """,
    parameters: [
      publicKey, encrypted("ENCRYPTED", "The encrypted number"), plaintext, PaillierReader.output,
      PaillierReader.insecure,
    ]
  ) { try computed($0, "multiplied") { number, value throws(PaillierError) in try number * value } }

  /// `rampart paillier addenc`.
  static let paillierAddEncrypted = CommandSpec(
    "addenc",
    abstract: "Add two encrypted numbers.",
    discussion: """
        rampart paillier addenc PUB.json A.json B.json --output SUM.json

      Both must be of this public key, which only the owner of the private key can tell. \(freshness)

      \(exitStatus)
      """,
    parameters: [
      publicKey, encrypted("ENCRYPTED_A", "The first number"),
      encrypted("ENCRYPTED_B", "The second number"), PaillierReader.output,
      PaillierReader.insecure,
    ]
  ) { arguments in
    let result = try PaillierResult(arguments)
    var reader = PaillierReader(arguments)
    let key = try reader.publicKey()
    let first = try reader.number("ENCRYPTED_A", key: key)
    let second = try reader.number("ENCRYPTED_B", key: key)
    let sum = try PaillierReader.blaming("ENCRYPTED_B") { () throws(PaillierError) in
      try first + second
    }
    try result.write(sum, "added", key)
    return .done
  }

  private static func computed(
    _ arguments: ParsedArguments, _ word: String,
    _ body: (EncryptedNumber<Ciphertext>, Double) throws(PaillierError)
      -> EncryptedNumber<RawCiphertext>
  ) throws -> ExitStatus {
    let result = try PaillierResult(arguments)
    var reader = PaillierReader(arguments)
    let value = try reader.value()
    let key = try reader.publicKey()
    let number = try reader.number("ENCRYPTED", key: key)
    let computed = try PaillierReader.blaming("PLAINTEXT") { () throws(PaillierError) in
      try body(number, value)
    }
    try result.write(computed, word, key)
    return .done
  }

  private static let publicKey = Parameter.argument(
    "PUBLIC", "The public key; - is standard input.", kind: .file)
  private static let plaintext = Parameter.argument(
    "PLAINTEXT", "The number; put -- before it if it is negative.")
  private static func encrypted(_ name: String, _ help: String) -> Parameter {
    .argument(name, "\(help); - is standard input.", kind: .file)
  }

  private static let freshness = """
    The result has fresh randomness, so that it does not show what it was computed from, and its \
    exponent is lowered to -32 if it is higher. No sum or product can tell that it has become too \
    large: decryption does, nearly always.
    """
  private static let exitStatus = """
    Exit status: 0 done, 2 the command line, a file or the number is wrong.
    """
}

/// Where a result goes: a file, or standard output.
struct PaillierResult {
  private let path: String?

  /// Checks the place before any work, and that no key would be written over.
  init(_ arguments: ParsedArguments) throws {
    let path = arguments.string("output").flatMap { $0 == "-" ? nil : $0 }
    self.path = path
    guard let path else { return }
    do throws(TensorFileError) {
      try DataFile.checkDestination(path)
    } catch {
      throw UserError("--output: \(error)")
    }
    if DataFile.exists(path), PaillierReader.holdsKey(path) {
      throw UserError("--output: '\(path)' holds a key and is not written over; name another file")
    }
  }

  /// Writes what a computation gave, hidden, at the exponent that tells little.
  func write(
    _ number: EncryptedNumber<RawCiphertext>, _ word: String, _ key: PaillierPublicKey
  ) throws {
    let hidden = try PaillierReader.blaming("the result") { () throws(PaillierError) in
      try number.exponent > PaillierFiles.commandLineExponent
        ? number.decreasingExponent(to: PaillierFiles.commandLineExponent).rerandomised()
        : number.rerandomised()
    }
    try write(PaillierFiles.text(of: hidden), word, exponent: hidden.exponent, by: "\(key)")
  }

  /// Writes a line, and says on standard error what was done.
  func write(_ line: String, _ word: String, exponent: Int, by owner: String) throws {
    if let path {
      do throws(TensorFileError) {
        try DataFile.replace(path, with: Array((line + "\n").utf8))
      } catch {
        throw UserError("--output: \(error)")
      }
    } else {
      Terminal.output.writeLine(line)
    }
    let note = exponent < PaillierFiles.commandLineExponent ? ", below -32" : ""
    Terminal.error.writeLine(
      "\(word) with \(owner); exponent \(exponent)\(note)"
        + (path.map { "; written to \($0)" } ?? "")
    )
  }
}
