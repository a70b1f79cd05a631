import CommandLineTools
import RampartCommand
import Testing

@Suite("The command's declaration")
struct DeclarationTests {
  @Test("names are distinct, arguments in order, defaults valid, everything has help")
  func sound() {
    #expect(CommandSpec.rampart.declarationProblems == [])
  }
}
