import Roost
import RoostQuery

/// Questions about music and who is who.
enum ChinookMusic {
    private static let t = Chinook.Track.as("t")
    private static let g = Chinook.Genre.as("g")
    private static let al = Chinook.Album.as("al")
    private static let ar = Chinook.Artist.as("ar")
    private static let l = Chinook.InvoiceLine.as("l")
    private static let other = Chinook.InvoiceLine.as("other")
    private static let e = Chinook.Employee.as("e")
    private static let r = Chinook.Ranked.table

    private static var revenue: SQLExpression<BigDecimal?> {
        sum(l.unitPrice * l.quantity.typed(BigDecimal.self)).expression.rounded(to: 2)
    }
    private static var units: SQLExpression<Int> { sum(l.quantity).expression.required }

    static let all: [ChinookQuestion] = [
        employees, together, genres, artists, unsold, bestOfGenre, lengths, playlists, composers, mixedAlbums,
    ]

    private static var tree: CommonTable<Chinook.Node> {
        .recursive(base: e.select(e.id, value(1)).where(e.managerID.isNull)) { above in
            e.join(above, on: e.managerID == above.id).select(e.id, above.level + 1)
        }
    }

    private static let employees = ChinookQuestion(
        "The tree of the employees",
        tree.table.join(e, on: e.id == Chinook.Node.table.id).select(
            e.id,
            e.lastName,
            e.managerID,
            Chinook.Node.table.level
        ).orderBy(Chinook.Node.table.level, e.id).with(tree)
    ) { _ in
        """
        with recursive tree (id, depth) as (
            select employeeid, 1 from employee where reportsto is null
            union all
            select e.employeeid, tree.depth + 1 from employee e join tree on e.reportsto = tree.id
        )
        select e.employeeid, e.lastname, e.reportsto, tree.depth from tree join employee e on e.employeeid = tree.id
        order by tree.depth, e.employeeid
        """
    }

    private static let together = ChinookQuestion(
        "Tracks that were bought together most often",
        l.join(other, on: other.invoiceID == l.invoiceID && l.trackID < other.trackID).select(
            l.trackID,
            other.trackID,
            count().expression
        ).groupBy(l.trackID, other.trackID).orderBy(count().expression.descending, l.trackID, other.trackID).limit(20)
    ) { _ in
        """
        select a.trackid, b.trackid, count(*) from invoiceline a
        join invoiceline b on b.invoiceid = a.invoiceid and a.trackid < b.trackid
        group by a.trackid, b.trackid order by count(*) desc, a.trackid, b.trackid limit 20
        """
    }

    private static let genres = ChinookQuestion(
        "What each genre made, and its share",
        l.join(t, on: t.id == l.trackID).select(t.genreID, value(0), revenue, value(0)).groupBy(t.genreID)
            .subquery(as: Chinook.Ranked.self).join(g, on: g.id == r.group).select(
                g.name,
                r.amount,
                (r.amount * BigDecimal(100) / sum(r.amount).over()).rounded(to: 1)
            ).orderBy(r.amount.descending, g.id)
    ) { _ in
        """
        select g.name, ranked.amount, round(ranked.amount * 100 / sum(ranked.amount) over (), 1) from (
            select t.genreid, round(sum(l.unitprice * l.quantity), 2) as amount
            from invoiceline l join track t on t.trackid = l.trackid group by t.genreid
        ) ranked join genre g on g.genreid = ranked.genreid order by ranked.amount desc, g.genreid
        """
    }

    private static let artists = ChinookQuestion(
        "The ten artists whose tracks sold best",
        l.join(t, on: t.id == l.trackID).join(al, on: al.id == t.albumID).join(ar, on: ar.id == al.artistID).select(
            ar.name,
            units,
            count(distinct: t.id).expression,
            revenue
        ).groupBy(ar.id, ar.name).orderBy(revenue.descending, ar.id).limit(10)
    ) { _ in
        """
        select ar.name, sum(l.quantity), count(distinct t.trackid), round(sum(l.unitprice * l.quantity), 2)
        from invoiceline l join track t on t.trackid = l.trackid join album al on al.albumid = t.albumid
        join artist ar on ar.artistid = al.artistid group by ar.artistid, ar.name
        order by round(sum(l.unitprice * l.quantity), 2) desc, ar.artistid limit 10
        """
    }

    private static let unsold = ChinookQuestion(
        "Tracks nobody bought, by kind of medium",
        t.join(Chinook.MediaType.as("k"), on: Chinook.MediaType.as("k").id == t.mediaTypeID).select(
            Chinook.MediaType.as("k").name,
            count().expression
        ).where(l.select(l.id).where(l.trackID == t.id).notExists).groupBy(
            Chinook.MediaType.as("k").id,
            Chinook.MediaType.as("k").name
        ).orderBy(Chinook.MediaType.as("k").id)
    ) { _ in
        """
        select k.name, count(*) from track t join mediatype k on k.mediatypeid = t.mediatypeid
        where not exists (select 1 from invoiceline l where l.trackid = t.trackid)
        group by k.mediatypeid, k.name order by k.mediatypeid
        """
    }

    private static let bestOfGenre = ChinookQuestion(
        "The track of each genre that sold best",
        l.join(t, on: t.id == l.trackID).select(
            t.genreID,
            t.id,
            revenue,
            rowNumber().over(partitionBy: [t.genreID], orderBy: [units.descending, t.id])
        ).groupBy(t.genreID, t.id).subquery(as: Chinook.Ranked.self).join(t, on: t.id == r.id).select(
            r.group,
            t.name,
            r.amount
        ).where(r.place == 1).orderBy(r.group)
    ) { _ in
        """
        select ranked.genreid, t.name, ranked.amount from (
            select t.genreid, t.trackid, round(sum(l.unitprice * l.quantity), 2) as amount,
                row_number() over (partition by t.genreid order by sum(l.quantity) desc, t.trackid) as place
            from invoiceline l join track t on t.trackid = l.trackid group by t.genreid, t.trackid
        ) ranked join track t on t.trackid = ranked.trackid where place = 1 order by ranked.genreid
        """
    }

    private static let lengths = ChinookQuestion(
        "The mean length in seconds of the tracks of genres that have thirty",
        t.join(g, on: g.id == t.genreID).select(
            g.name,
            count().expression,
            (average(t.milliseconds).expression / 1_000).rounded(to: 1)
        ).groupBy(g.id, g.name).having(count().expression >= 30).orderBy(count().expression.descending, g.id)
    ) { _ in
        """
        select g.name, count(*), round(avg(t.milliseconds) / 1000, 1)
        from track t join genre g on g.genreid = t.genreid group by g.genreid, g.name having count(*) >= 30
        order by count(*) desc, g.genreid
        """
    }

    private static let pt = Chinook.PlaylistTrack.as("pt")
    private static let p = Chinook.Playlist.as("p")

    private static let playlists = ChinookQuestion(
        "Tracks and minutes of every playlist, empty ones included",
        p.leftJoin(pt.optional, on: pt.playlistID == p.id).leftJoin(t.optional, on: t.id == pt.trackID).select(
            p.id,
            p.name,
            count(t.id).expression,
            sum(t.milliseconds).expression.or(0) / 60_000
        ).groupBy(p.id, p.name).orderBy(p.id)
    ) { words in
        """
        select p.playlistid, p.name, count(t.trackid), \
        \(words.engine == .sqlite || words.engine == .postgresql
            ? "coalesce(sum(t.milliseconds), 0) / 60000" : "coalesce(sum(t.milliseconds), 0) div 60000")
        from playlist p left join playlisttrack pt on pt.playlistid = p.playlistid
        left join track t on t.trackid = pt.trackid group by p.playlistid, p.name order by p.playlistid
        """
    }

    private static let composers = ChinookQuestion(
        "Genres by how many of their tracks have no composer",
        t.join(g, on: g.id == t.genreID).select(
            g.name,
            count().filter(t.composer.isNull).expression,
            count().expression
        ).groupBy(g.id, g.name).having(count().filter(t.composer.isNull).expression > 0).orderBy(
            count().filter(t.composer.isNull).expression.descending,
            g.id
        )
    ) { _ in
        """
        select g.name, sum(case when t.composer is null then 1 else 0 end), count(*)
        from track t join genre g on g.genreid = t.genreid group by g.genreid, g.name
        having sum(case when t.composer is null then 1 else 0 end) > 0
        order by sum(case when t.composer is null then 1 else 0 end) desc, g.genreid
        """
    }

    private static let mixedAlbums = ChinookQuestion(
        "Albums of more than one genre",
        al.join(t, on: t.albumID == al.id).select(al.title, count(distinct: t.genreID).expression).groupBy(
            al.id,
            al.title
        ).having(count(distinct: t.genreID).expression > 1).orderBy(al.id)
    ) { _ in
        """
        select al.title, count(distinct t.genreid) from album al join track t on t.albumid = al.albumid
        group by al.albumid, al.title having count(distinct t.genreid) > 1 order by al.albumid
        """
    }
}
