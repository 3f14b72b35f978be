using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Errors;

public sealed class UnexpectedTests(TestServer server) : IClassFixture<TestServer>
{
    [Fact]
    public async Task UnexpectedExceptionAnswers500WithoutDetails()
    {
        using var person = await server.PersonAsync();
        await using (var database = Database.Open(server.DataFolder))
        {
            await database.ExecuteAsync("DROP TABLE tasks");
        }

        using var task = Rest.Json("""{"task_name":"x"}""");
        foreach (var answer in new[] { await person.Http.GetAsync("/api/tasks"), await person.Http.PostAsync("/api/tasks", task) })
        {
            var problem = await answer.ReadProblemAsync(500, "internal_error");
            Assert.Equal(["code", "detail", "message", "status", "title", "type"], problem.Fields().Order());
            var text = problem.ToJsonString();
            foreach (var detail in new[] { "tasks", "SQL", "Exception", " at " })
            {
                Assert.DoesNotContain(detail, text, StringComparison.OrdinalIgnoreCase);
            }
        }

        await person.SendAsync(await person.OpenGroupAsync(), "Still there");
    }
}
