household-agreement = 该户未同意 { $about }
household-own = 户码不符
household-signature = 缺签字件
household-size = 已有 { $most } 项
household-works = 未登记 { $work }
