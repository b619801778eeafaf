"""The vocabulary of fiction.py. `<symbol>` stands for a phrase of that symbol; KEPT ones stay the same within a paper."""

from __future__ import annotations

KEPT = {"model", "material", "property", "town", "graph", "sky_object", "puzzle", "lattice"}

MATTER_CATEGORIES: tuple[tuple[str, ...], ...] = (
    ("cond-mat.mtrl-sci",),
    ("cond-mat.mtrl-sci", "cs.LG"),
    ("cond-mat.mtrl-sci", "cs.AI", "physics.chem-ph"),
    ("cond-mat.mtrl-sci", "physics.comp-ph"),
    ("cs.LG", "cond-mat.mtrl-sci"),
    ("cs.LG", "cs.AI", "cond-mat.mtrl-sci", "stat.ML"),
    ("cs.AI", "cs.LG"),
    ("physics.chem-ph", "cs.LG"),
    ("cond-mat.soft", "cond-mat.mtrl-sci"),
    ("physics.optics", "cs.LG"),
)

FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "solid": (("cond-mat.mtrl-sci",), ("cond-mat.mtrl-sci", "cond-mat.str-el"), ("cond-mat.soft",), ("physics.app-ph",)),
    "learning": (("cs.LG",), ("cs.LG", "cs.AI"), ("cs.AI",), ("stat.ML", "cs.LG"), ("cs.CL", "cs.AI"), ("cs.CV", "cs.LG")),
    "quantum": (("quant-ph",), ("quant-ph", "cond-mat.str-el"), ("hep-th", "quant-ph")),
    "sky": (("astro-ph.CO",), ("astro-ph.EP", "physics.geo-ph"), ("astro-ph.HE",)),
    "mathematics": (("math.CO",), ("math.CO", "cs.DM"), ("math.PR", "math.ST")),
    "life": (("q-bio.BM",), ("q-bio.PE", "physics.bio-ph"), ("q-bio.NC", "cs.LG")),
}

PHRASES: dict[str, tuple[str, ...]] = {
    # Names of things
    "model": (
        "Kestrel", "Marzipan", "Tidepool", "Okapi", "Loom", "Nightjar", "Saffron", "Quillon", "Halcyon", "Brindle", "Umbra",
        "Pomelo", "Driftwood", "Zephyrine", "Cobblestone", "Lanternfish", "Sorrel", "Periwinkle", "Thistle", "Mosaïque",
    ),  # fmt: skip
    "material": (
        "velorite", "$\\alpha$-velorite", "LuNo$_3$", "tessaline", "Qz$_2$Mi$_3$O$_7$", "honeycomb brumite", "$\\beta$-ferrolite",
        "moonstone perovskites", "layered asterite", "Dw$_{1-x}$El$_x$S", "glassy ombrium", "harmonite", "spinel-like corvite",
        "twisted bilayer paperene", "Æthelite", "nacreous polymers", "hollow zephyr frameworks", "Kn$_4$Ot$_9$", "saltwater alloys",
        "marble-phase vanorite", "$\\gamma'$-hardened pelagite", "lacework zeolites", "cinnabrite glasses", "duskite thin films",
    ),  # fmt: skip
    "property": (
        "band gap", "fracture toughness", "shimmer coefficient", "thermal conductivity", "ionic mobility", "Seebeck coefficient",
        "elastic modulus", "humming frequency", "refractive index", "oxygen capacity", "Curie temperature", "self-healing rate",
    ),  # fmt: skip
    "number": ("1.7", "2.4", "3.1", "4.6", "0.83", "12", "5.5", "7.25"),
    "percent": ("7%", "12%", "18%", "23%", "31%", "40%", "50%", "64%"),
    "count": ("312", "1,204", "4,096", "9,731", "18,500", "56,000", "102,400"),
    "town": ("Port Lumen", "Ostreval", "Nieuw-Holm", "Santa Ventura", "Kitanagi", "Brindleford", "Ålesmark", "Val-d'Ambre"),
    "place": (
        "Institute for Imaginary Matter, <town>", "University of <town>", "<town> School of Invented Sciences",
        "Academy of Quiet Machines, <town>", "Centre for Unlikely Crystals, <town>",
    ),  # fmt: skip
    "journal": ("J. Imag. Mater.", "Ann. Invented Phys.", "Proc. <town> Acad. Sci.", "Fables Appl. Chem.", "Acta Fictionalia"),
    "venue": (
        "the Symposium on Impossible Crystals", "the <town> Workshop on Patient Machines", "the 9th Congress of Hypothetical Chemistry",
        "the Conference on Almost Everything", "the Spring Meeting of the Guild of Glass",
    ),  # fmt: skip
    "pages": ("6", "8", "9", "12", "14", "17", "21", "28", "34", "43"),
    "few": ("2", "3", "4", "5", "6", "7", "9", "11"),
    "comment": (
        "<pages> pages, <few> figures", "<pages> pages, <few> figures; accepted at <venue>", "<pages> pages; submitted to <venue>",
        "<pages> pages, <few> figures, <few> tables. Code and an apology at https://example.org/<model>",
        "Comments welcome, cake more so", "<pages> pages + supplement, <few> figures; presented at <venue>",
    ),  # fmt: skip
    "revision_note": (
        "<pages> pages, <few> figures; corrected Table <few>", "Revised after <venue>; typos in Eq. (<few>) fixed",
        "Added Section <few> and an appendix on measurement error", "<pages> pages; to appear in <journal>",
        "New baselines; conclusions unchanged",
    ),  # fmt: skip
    "addition": (
        "This version adds an ablation and a correction to the units of Figure <few>.",
        "We have since repeated every measurement in a second laboratory in <town>.",
        "An error in the sign of the coupling, found by a careful reader, is mended here.",
        "A longer discussion of failures has been added, since there were more of them.",
        "The revised analysis lowers the reported gain by <percent>, which we regret.",
    ),
    # What every search for the default query is after
    "goal": ("inverse design", "materials design", "materials discovery", "material discovery", "inverse-design", "materials-design"),
    "maker": (
        "a generative model", "a diffusion-based generator", "a flow that generates whole unit cells", "generative pre-training",
        "conditional generation", "a generative flow network", "autoregressive generation of Wyckoff sequences",
        "crystal structure prediction", "retrieval-augmented generation", "generative adversarial annealing",
    ),  # fmt: skip
    "maker_title": (
        "Generative Diffusion", "Generative Flows", "Conditional Generation", "Crystal Structure Prediction", "Generative Agents",
        "Latent Generators", "Symmetry-Aware Generation", "Generative Grammars",
    ),  # fmt: skip
    "matter_title": (
        "<model>: <maker_title> for the Inverse Design of <material>",
        "<maker_title> Meets Materials Design: The Case of <material>",
        "Can <maker_title> Hear the <property> of a Crystal?",
        "Patient Machines for <material>: Closing the Loop with <maker_title>",
        "From <property> to Structure: <maker_title> under Hard Constraints",
        "<model>, a Small Model with a Large Appetite for <material>",
        "What <count> Failed Syntheses of <material> Teach <maker_title>",
        "Materials Discovery at the Kitchen Table: <maker_title> on a Laptop",
        "Tuning the <property> of <material> by <maker_title>",
        "<maker_title> That Know When to Stop: Calibrated Search for <material>",
        "Against the Leaderboard: Re-examining <maker_title> for <material>",
        "Asking for the Impossible: <maker_title> beyond the Convex Hull",
        "Symmetry as a First Language: <model> and the Space Groups of <material>",
        "Sketch, Relax, Repeat: A Workshop Method for <material>",
        "A Foundation Model for <material>? Evidence from the <town> Benchmark",
        "How Much Data Does <material> Need? Scaling Laws for <maker_title>",
    ),
    "goal_opening": (
        "The <goal> of <material> is often told as a story of search, although most of the work is waiting.",
        "We revisit <goal> for <material> from the side of what a furnace can really make.",
        "Progress in <goal> depends on proposals that are both new and stable, and <material> is known for being neither.",
        "Ask a chemist for <material> with a higher <property>, and you will be asked for patience; we ask what <goal> can offer instead.",
        "Every campaign of <goal> starts from a wish: here, <material> whose <property> exceeds $<number>$ in reduced units.",
        "Since the first sample of <material> was lost at sea near <town>, its <goal> has relied on guesswork.",
        "Closed-loop <goal> promises to shorten the road from idea to sample, yet few loops have ever been closed for <material>.",
        "A common belief in <goal> holds that larger libraries find better candidates; for <material> we find the opposite.",
        "We report a complete pipeline for the <goal> of <material>, from a sentence typed by a user to a pellet on a scale.",
        "Trust, rather than speed, limits <goal> today, and <material> shows why.",
    ),
    "maker_method": (
        "Our approach, <model>, couples <maker> to a relaxation step that respects the space group exactly.",
        "We train <model>, which combines <maker> with a cheap surrogate of the <property>, on <count> invented structures.",
        "At its heart lies <maker>, guided by gradients of the <property> and stopped by a calibrated doubt.",
        "To this end, <model> turns <maker> into a conversation: each proposal is criticised before it is relaxed.",
        "The method rests on <maker> in a latent space whose axes were chosen by eleven glassblowers from <town>.",
        "We replace random substitution by <maker>, and rank what remains by distance to the convex hull.",
        "<model> learns <maker> from compositions alone, and consults density functional theory only when it disagrees with itself.",
        "With <maker> and a budget of <count> evaluations, we explore compositions with $x < 0.3$ that no one had asked for.",
    ),
    "matter_detail": (
        "Energies above the hull stay below $<number>\\,\\mathrm{meV}$ per atom for <percent> of the candidates.",
        "The lattice parameter follows $a = a_0(1 + \\epsilon x)$ with $\\epsilon \\approx 10^{-<few>}$ throughout.",
        "Phonon spectra show no imaginary branch at $\\Gamma$, and a faint one at <town>.",
        "X-ray patterns agree with the proposals up to a mirror that we had forgotten to close.",
        "Of <few> selected compositions, two were made, one hummed, and none exploded.",
        "We find an $\\mathcal{O}(N \\log N)$ cost in the number of atoms, against $\\mathcal{O}(N^3)$ before.",
    ),
    # Sentences that fit any field
    "gap": (
        "Earlier work has treated the two halves of the problem apart.",
        "Existing methods need <count> labelled examples, which nobody in <town> has.",
        "The obstacle is not accuracy but calibration: a wrong answer is usually given with confidence.",
        "Despite a decade of effort, the error bars have grown faster than the effect.",
        "Most published comparisons share a test set, a random seed and an author.",
        "Two schools disagree about the reason, and we side with neither.",
    ),
    "result": (
        "Compared with the strongest baseline, the error falls by <percent> while the run time is halved.",
        "On <count> held-out cases we reach a success rate of <percent>, twice that of the best published method.",
        "The effect persists over <few> orders of magnitude and vanishes when the lights are switched off.",
        "Surprisingly, a linear model explains <percent> of the variance ($R^2 > 0.9$ on good days).",
        "We confirm the prediction in a blind trial with <few> groups, R&D departments included.",
        "The largest gain, a factor of <number>, appears where we expected none.",
        "An ablation shows that <percent> of the improvement comes from careful preprocessing.",
        "No measurable benefit remains once the budgets are made equal, which we consider the main finding.",
        "Results hold for noise levels up to $\\sigma = <number>$ and degrade gracefully beyond.",
    ),
    "detail": (
        "All experiments fit on one workstation that is older than the first author.",
        "A proof is sketched for the compact case; the rest is left to a braver paper.",
        "We also describe <few> negative results in full.",
        "The protocol was registered in <town> before any data were taken.",
        "Sensitivity to the prior is mild, with shifts below <percent>.",
    ),
    "closing": (
        "Code, data and the broken samples are available on request.",
        "We close with a list of things that did not work.",
        "Our findings suggest that patience is an underrated hyperparameter.",
        "We hope that this encourages others to measure twice.",
        "The <model> library is released under a licence that forbids gloating.",
        "An open challenge with <few> tasks accompanies the paper.",
    ),
    # Other fields
    "solid_title": (
        "The <property> of <material> under Pressure", "Why <material> Curls", "Slow Relaxation in <material>",
        "A <town> Recipe for Large Crystals of <material>", "Kinks in the <property> of <material>",
        "Magnetism, Almost: Neutron Scattering on <material>", "Defects and Manners in <material>",
    ),  # fmt: skip
    "solid_opening": (
        "We measure the <property> of <material> between 4 K and the melting point of patience.",
        "The <property> of <material> shows a kink near <number> GPa that no textbook mentions.",
        "Thin layers of <material> curl when spoken to; we study why.",
    ),
    "solid_method": (
        "Samples were grown from tea-coloured flux and cooled over <few> weeks.",
        "Neutron scattering is combined with a mean-field theory of $\\langle S_i S_j \\rangle$ correlations.",
        "Molecular dynamics with <count> atoms reproduces the anomaly down to its sign.",
    ),
    "learning_title": (
        "<model>: Learning to Forget Politely", "Small Batches, Long Memories: Notes on <model>",
        "Do Language Models Know the Way to <town>?", "Attention with Blinkers: <percent> Fewer Tokens at Equal Loss",
        "Robust Reading of Smudged Maps with <model>", "Why Gradient Descent Likes the Colour Blue",
        "A Benchmark of <count> Riddles for Reasoning Agents", "Curriculum Learning for Absent-Minded Robots",
        "When Not to Answer: Selective Prediction in <model>", "Optimisers That Sleep: Scheduling Rest in Deep Networks",
    ),  # fmt: skip
    "learning_opening": (
        "Neural networks remember what they should forget, and the other way round.",
        "Agents that plan ahead seldom look behind, and get lost on the way home.",
        "We ask whether a language model that was raised on timetables can learn to be late.",
        "Selective prediction lets a classifier stay silent, but silence has a price.",
        "Robots in the harbour of <town> lose their keys about <count> times a year.",
        "Long contexts are cheap to read and expensive to believe.",
    ),
    "learning_method": (
        "<model> keeps a diary of its own gradients and consults it every <few> steps.",
        "We train transformers of <few> sizes on riddles with a single true solution.",
        "A simple penalty on needless confidence, $\\lambda \\|p\\|_2^2$, is all we add.",
        "The policy is distilled from <count> hours of supervised hesitation.",
        "We freeze everything but the biases and wait.",
    ),
    "lattice": (
        "a Rainy Lattice", "the Kagome Kite", "a Ladder with Missing Rungs", "the Hyperbolic Tea Towel", "a Möbius Chain",
        "the Checkerboard at Night", "a Random Star Graph", "the Woven Honeycomb", "a Leaky Cavity",
    ),  # fmt: skip
    "quantum_title": (
        "Entanglement on <lattice>", "Anyons in the Attic: Braiding <few> Qubits on <lattice>",
        "A Sharper Uncertainty Relation for <lattice>", "Holography for Small Rooms and <lattice>",
        "Error Correction with <few> Borrowed Qubits", "The <model> Hamiltonian and Its Shy Ground State",
        "Measuring $\\langle \\hat{H}_\\mathrm{<model>} \\rangle$ without Looking", "Noise as a Resource: Notes from the <town> Cryostat",
        "<lattice>, Solved Exactly for <few> Spins", "Thermalisation, Eventually: The <model> Quench",
    ),  # fmt: skip
    "quantum_opening": (
        "We consider $N$ spins that interact only on rainy days.",
        "Measurement disturbs; we ask how little a polite measurement can disturb.",
        "The ground state of the <model> Hamiltonian has evaded numerics since it was written on a napkin.",
        "Logical qubits are lonely, and we quantify it.",
    ),
    "quantum_method": (
        "A tensor network with bond dimension $\\chi = 2^{<few>}$ captures the transition.",
        "We map the problem onto a gas of anyons and solve it with $\\mathbb{Z}_2$ book-keeping.",
        "The bound follows from an exchange argument that needs no integrals.",
        "Using <few> trapped ions and a great deal of tape, we realise the protocol.",
    ),
    "sky_object": ("Amaranth-<few>b", "the Teacup Cluster", "SN 2031xq", "the Harlequin Stream", "Comet Oyelaran-Brandt", "Nereus Minor"),
    "sky_title": (
        "The Quiet Atmosphere of <sky_object>", "A Second Shadow in <sky_object>", "Dust, Mostly: Revisiting <sky_object>",
        "How Far Is <sky_object>? A Distance from <few> Candles", "Weather on <sky_object> from <count> Photographs",
        "Tides and Tantrums of <sky_object>", "The Missing Satellites of <sky_object> Were in <town> All Along",
    ),  # fmt: skip
    "sky_opening": (
        "<sky_object> has been watched for <few> years and has never once waved.",
        "We present spectra of <sky_object> taken on the only clear night of the season.",
        "The distance to <sky_object> is uncertain by a factor of <number>, mostly out of politeness.",
        "Dust hides much of <sky_object>, and we chart the dust.",
    ),
    "sky_method": (
        "Photometry from <few> telescopes near <town> is modelled with a Gaussian process.",
        "We stack <count> exposures and subtract the Moon by hand.",
        "A hierarchical fit gives $H_0 = 7<few> \\pm 1$ in the customary units.",
        "Spectral lines of an unnamed molecule are fitted with $\\chi^2/\\nu = 1.0<few>$.",
    ),
    "graph": ("lantern graphs", "hedgehog trees", "braided posets", "umbrella matroids", "staircase permutations", "tea-party designs"),
    "mathematics_title": (
        "On the Chromatic Number of <graph>", "Counting <graph> up to Rotation and Politeness", "<graph> without Cycles of Length <few>",
        "A Short Proof of the Long <town> Lemma", "Random <graph> Are Rarely Lonely", "Extremal Problems for <graph>",
        "The $\\ell^<few>$ Geometry of <graph>", "A <model>-Type Theorem for <graph>", "<graph> and the <town> Conjecture",
        "Colouring <graph> with <few> Pencils",
    ),  # fmt: skip
    "mathematics_opening": (
        "We show that all sufficiently large <graph> contain a friend.",
        "Let $G$ be one of the <graph> on $n \\ge <few>$ vertices; we bound its thickness.",
        "The number of <graph> grows like $n!^{1/2}$, as was guessed in <town> long ago.",
    ),
    "mathematics_method": (
        "The proof uses the probabilistic method twice and induction once.",
        "Our argument is a bijection with folded letters.",
        "The upper bound rests on an entropy inequality, the lower one on <count> hours of computation.",
    ),
    "puzzle": ("the sleep of jellyfish", "how beans choose a side", "protein knots", "the songs of paper wrens", "slime mould etiquette"),
    "life_title": (
        "A Minimal Model of <puzzle>", "<puzzle>, Explained by <few> Parameters", "Field Notes on <puzzle> near <town>",
        "Noise and Memory in <puzzle>", "Is There a Clock behind <puzzle>?", "Scaling Laws for <puzzle>",
    ),  # fmt: skip
    "life_opening": (
        "Little is known about <puzzle>, and less is agreed upon.",
        "Biologists in <town> have long wondered about <puzzle>.",
        "We propose that <puzzle> is the result of a simple feedback.",
    ),
    "life_method": (
        "A stochastic equation with delay $\\tau = <number>$ h is fitted to <count> observations.",
        "Microscopy at <few> frames per minute is tracked by <model>, a segmentation network.",
        "We solve the master equation in the limit of many, but tired, cells.",
    ),
}  # fmt: skip

# Given and family names; each pair is drawn from one row.
NAMES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("Ngozi", "Chidi", "Ifeoma", "Tunde", "Adaeze"), ("Oyelaran", "Abiọla", "Nwachukwu", "Ezeudu", "Ọlátúnjí")),
    (("Søren", "Åsa", "Jón", "Þóra", "Mikkel"), ("Vindholm", "Östergren", "Sæmundsdóttir", "Bjørklund", "Håkanstad")),
    (("Łucja", "Bogumił", "Zdeněk", "Eliška", "Małgorzata"), ("Wróblewicz", "Dvořáček", "Świątko", "Hruškovský", "Žilinčík")),
    (("Xiùyīng", "Wei", "Lan", "Jiāháo", "Mei"), ("Lü", "Ouyang", "Zhēng", "Shangguan", "Qiū")),
    (("Haruka", "Renjirō", "Shūichi", "Aoi", "Tamaki"), ("Kitanagi", "Ōmoriya", "Hoshikawa", "Tsukuyomi", "Saitō-Reed")),
    (("Inés", "Joaquín", "Begoña", "Iñaki", "Lucía"), ("Peñalver", "Múgica de la Torre", "Ibáñez-Roca", "Garrigós", "Zubizarreta")),
    (("Élodie", "Loïc", "Maëlle", "François", "Zoé"), ("Lefèvrier", "d'Ambreville", "Bontemps-Carré", "Châtelard", "Guérin-Noël")),
    (("Jürgen", "Käthe", "Anneliese", "Götz", "Ulrike"), ("Größmann", "von der Mühlen", "Täubling", "Weißhaupt", "Böckenförth")),
    (("Aarav", "Meenakshi", "Rukmini", "Devendra", "Ishaan"), ("Chandrashekhar-Rao", "Iyengarapalli", "Bhattavarya", "Sundaresh", "Kulkarnavati")),
    (("Thùy", "Minh", "Đức", "Hồng", "Quang"), ("Nguyễn-Lâm", "Trầnh", "Đặngvy", "Phạmson", "Lêhoàng")),
    (("Leyla", "Özgür", "Çağla", "Barış", "Işıl"), ("Yıldızoğlu", "Gümüştekin", "Karaağaçlı", "Şahinkaya", "Öztürkmen")),
    (("Samira", "Yousef", "Nour", "Idris", "Salma"), ("al-Qamari", "Ben Yaḥyā", "Haddadin", "El Zahrawi", "Mansourieh")),
    (("Wren", "Alasdair", "Niamh", "Oswin", "Tabitha"), ("O'Farrowmere", "Thistlewood", "MacGillivane", "Ashdown-Pell", "Lanternby")),
)  # fmt: skip
