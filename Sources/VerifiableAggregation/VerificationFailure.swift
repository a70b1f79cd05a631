/// Why a verifier does not accept what a server announced, or a message it received.
///
/// The case says what is wrong, the values name who sent it and where it is wrong, so that a person
/// who reads it knows whom to ask. What a server could not have known without an accomplice is not
/// told: a failed check names no honest client.
public struct VerificationFailure: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong, in one sentence without a full stop.
  public let description: String

  package init(_ description: String) { self.description = description }
}
