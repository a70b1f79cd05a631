import RampartCommand
import Testing

@Suite("Numbers as Python writes them")
struct PythonNumberTests {
  @Test(
    "doubles are printed as Python's repr prints them",
    arguments: [
      // What Python 3.11 prints.
      (0.0, "0.0"), (1.0, "1.0"), (-2.5, "-2.5"), (100.0, "100.0"), (0.1, "0.1"),
      (0.0001, "0.0001"), (0.00001, "1e-05"), (-0.000012345, "-1.2345e-05"), (1e-12, "1e-12"),
      (123456.789, "123456.789"), (1e15, "1000000000000000.0"), (1e16, "1e+16"),
      (9_999_999_999_999_998.0, "9999999999999998.0"),
      (1.2345678901234568e16, "1.2345678901234568e+16"),
      (1.8e16, "1.8e+16"), (1e22, "1e+22"), (1.5e300, "1.5e+300"),
      (.leastNonzeroMagnitude, "5e-324"),
      (1.7976931348623157e308, "1.7976931348623157e+308"), (1.0 / 3, "0.3333333333333333"),
      (2.0 / 3e-100, "6.666666666666666e+99"), (3e9, "3000000000.0"),
    ])
  func printed(value: Double, text: String) {
    #expect(PythonNumber.text(of: value) == text)
  }

  @Test("texts are read as Python's float reads them")
  func read() {
    for (text, value) in [
      ("12", 12.0), (" -1.5e3 ", -1500), ("+.5", 0.5), ("5.", 5), ("1_000.000_1", 1000.0001),
      ("1E5", 1e5), ("1e999", .infinity), ("-inf", -.infinity), ("Infinity", .infinity),
    ] {
      #expect(PythonNumber.value(of: text) == value, "\(text)")
    }
    #expect(PythonNumber.value(of: "NaN")?.isNaN == true)
    for text in ["", " ", "abc", "0x10", "1__0", "_1", "1_", "1_.5", "1e", "1 2", "nan(0)", "--1"] {
      #expect(PythonNumber.value(of: text) == nil, "\(text)")
    }
  }
}
