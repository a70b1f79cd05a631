import Components
import Testing

@Suite("Checks of parameters")
struct ParameterCheckTests {
  /// The keys that were found wrong, and what was said.
  private func problems(_ body: (inout ParameterCheck) -> Void) -> [String] {
    var check = ParameterCheck()
    body(&check)
    do {
      try check.finish()
      return []
    } catch { return error.problems.map { "\($0.key): \($0.message)" } }
  }

  @Test("requirements by name take what they say, to the last number, and say so in words")
  func named() {
    let least = Double.leastNonzeroMagnitude
    let most = Double.greatestFiniteMagnitude
    let good = problems { check in
      for value in [least, 1, most] { check.positive("a", value) }
      for value in [0, -0.0, least, most] { check.notNegative("b", value) }
      for value in [0, least, 1.0.nextDown] { check.belowOne("c", value) }
      for value in [1, 2, .max] { check.oneOrMore("d", value) }
    }
    #expect(good == [])
    let bad = problems { check in
      for value in [0, -least, .infinity, .nan] { check.positive("a", value) }
      for value in [-least, .infinity, -.infinity, .nan] { check.notNegative("b", value) }
      for value in [1, -least, .infinity, .nan] { check.belowOne("c", value) }
      for value in [0, -1, Int.min] { check.oneOrMore("d", value) }
    }
    #expect(
      bad == [
        "a: must be a finite number greater than 0, got 0.0",
        "a: must be a finite number greater than 0, got -5e-324",
        "a: must be a finite number greater than 0, got inf",
        "a: must be a finite number greater than 0, got nan",
        "b: must be a finite number of 0 or more, got -5e-324",
        "b: must be a finite number of 0 or more, got inf",
        "b: must be a finite number of 0 or more, got -inf",
        "b: must be a finite number of 0 or more, got nan",
        "c: must be in [0, 1), got 1.0", "c: must be in [0, 1), got -5e-324",
        "c: must be in [0, 1), got inf", "c: must be in [0, 1), got nan",
        "d: must be 1 or more, got 0", "d: must be 1 or more, got -1",
        "d: must be 1 or more, got \(Int.min)",
      ])
  }
}
