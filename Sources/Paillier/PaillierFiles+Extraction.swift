internal import Components

extension PaillierFiles {
  /// The text of the public key in the text of a private one, with the identifier it has there.
  ///
  /// - Parameters:
  ///   - text: UTF-8, at most ``mostBytes``.
  ///   - allowsInsecureSize: Takes a modulus that can be factored, for tests and demonstrations.
  /// - Throws: What reading the private key throws.
  public static func publicText(
    ofPrivateKey text: [UInt8], allowsInsecureSize: Bool = false
  ) throws(PaillierError) -> String {
    let key = try privateKey(text, allowsInsecureSize: allowsInsecureSize).publicKey
    let node = try parse(text, limit: mostBytes)
    return Self.text(of: key, identifier: node["pub"]?["kid"]?.text ?? "")
  }
}
