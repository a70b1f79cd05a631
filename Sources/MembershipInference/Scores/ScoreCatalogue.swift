/// Every membership score, in the order to list them. A new score is one file and a line here.
public let membershipScoreCatalogue: [any MembershipScore.Type] = [
  LossScore.self,
  ConfidenceScore.self,
  EntropyScore.self,
  ModifiedEntropyScore.self,
  GapScore.self,
  LabelAgreementScore.self,
  OffsetScore.self,
  PopulationScore.self,
  ReferenceScore.self,
  ShadowClassifier.self,
  LiRA.self,
  RMIA.self,
  BASE.self,
  BaVarIA.self,
  QuantileRegression.self,
]
