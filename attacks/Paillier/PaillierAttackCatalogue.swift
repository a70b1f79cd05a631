/// Every attack on Paillier's encryption, in the order to run them. A new one is its file in this
/// folder and its name here; a test compares the two.
public let paillierAttackCatalogue: [any PaillierAttack.Type] = [
  UnhiddenCiphertext.self,
  ReusedRandomness.self,
  SharedKey.self,
  CloseFactors.self,
  SmallFactors.self,
  SlotOverflow.self,
  ExponentTiming.self,
]
