public import Accounting
public import Learning
public import NoiseSamplers

/// Why a private training does not start, or stopped.
public enum PrivateTrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Something that voids the guarantee, or cannot be: what, why, and what would work.
  case refused(what: String, reason: String, remedy: String)
  /// A number out of its range: its name as configurations write it, its value, what it must be.
  case invalid(String, String, String)
  /// Model and data do not fit.
  case learning(LearningError)
  /// No epsilon can be computed, or none as small as the target.
  case accounting(AccountingError)
  /// There is no noise.
  case noise(NoiseError)

  /// One sentence that names the thing and what would work.
  public var description: String {
    switch self {
    case .refused(let what, let reason, let remedy): "\(what): \(reason); \(remedy)"
    case .invalid(let name, let value, let requirement): "\(name) \(value) \(requirement)"
    case .learning(let error): "\(error)"
    case .accounting(let error): "\(error)"
    case .noise(let error): "\(error)"
    }
  }

  /// Runs `body`, whose errors become errors of private training.
  static func learning<Result>(
    _ body: () throws(LearningError) -> Result
  ) throws(PrivateTrainingError) -> Result {
    do { return try body() } catch { throw .learning(error) }
  }

  /// As `learning`, for the ledger.
  static func accounting<Result>(
    _ body: () throws(AccountingError) -> Result
  ) throws(PrivateTrainingError) -> Result {
    do { return try body() } catch { throw .accounting(error) }
  }

  /// As `learning`, for noise.
  static func noise<Result>(
    _ body: () throws(NoiseError) -> Result
  ) throws(PrivateTrainingError) -> Result {
    do { return try body() } catch { throw .noise(error) }
  }
}
