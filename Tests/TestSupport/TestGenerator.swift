public import Randomness

/// A fixed stream of its own for one test, named after it.
///
/// - Parameters:
///   - variant: Tells apart several streams of one test, such as its arguments.
///   - name: The test's function, by default the caller.
public func testGenerator(_ variant: UInt64..., name: String = #function) -> Generator {
  Generator(seed: 20_260_131).fork(Purpose(name), indices: variant)
}
