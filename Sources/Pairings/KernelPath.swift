/// Which of the kernels' two paths runs, and a yardstick for the times of what is built on them. Both
/// paths give the same bits: tests see to it.
public enum KernelPath {
  /// Whether it is the one over MULX, ADCX and ADOX.
  public static var isAccelerated: Bool { FieldKernel.isAccelerated }

  /// Forbids that path in the whole process, or allows it again where the processor has it: for tests
  /// and measurements.
  public static func allowAcceleration(_ isAllowed: Bool) {
    FieldKernel.allowAcceleration(isAllowed)
  }

  /// Multiplies elements of the base field, 6 words each, one product after the other.
  ///
  /// - Parameters:
  ///   - start: 48 bytes, most significant first, below the field's order.
  ///   - factor: As `start`.
  /// - Returns: `start` times the `count`-th power of `factor`.
  /// - Throws: `PairingError.wrongLength` or `.notCanonical`.
  public static func products(
    of start: [UInt8], by factor: [UInt8], count: Int
  ) throws(PairingError) -> [UInt8] {
    let (start, factor) = (try BaseFieldElement(bytes: start), try BaseFieldElement(bytes: factor))
    return FieldKernel.bytes(FieldKernel.chain(start.value, factor.value, count: max(0, count)))
  }
}
