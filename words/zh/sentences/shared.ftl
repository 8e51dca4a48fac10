by-document =
    { $document ->
        [0] {""}
       *[other] ，文号 { $document }
    }
with-scan =
    { $scan ->
        [0] {""}
       *[other] （{ $scan }）
    }
with-photo =
    { $photo ->
        [0] {""}
       *[other] （{ $photo }）
    }
with-reason =
    { $reason ->
        [0] {""}
       *[other] ：{ $reason }
    }
with-document =
    { $document ->
        [0] {""}
       *[other] （{ $document }）
    }
with-proof =
    { $proof ->
        [0] {""}
       *[other] （{ $proof }）
    }
by-builder =
    { $builder ->
        [0] {""}
       *[other] ，施工 { $builder }
    }
and-reason =
    { $reason ->
        [0] {""}
       *[other] ；{ $reason }
    }
with-minutes =
    { $minutes ->
        [0] {""}
       *[other] （{ $minutes }）
    }
of-segments =
    { $segments ->
        [0] {""}
       *[other] ，路段 { $segments }
    }
with-text =
    { $text ->
        [0] {""}
       *[other] ：{ $text }
    }
